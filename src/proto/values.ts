import type { Message } from './message.ts';

/** A `google.protobuf.Duration`. @param milliseconds from 0; fractions of a millisecond are cut. */
export function duration(milliseconds: number): Message<'google.protobuf.Duration'> {
  const whole = Math.trunc(milliseconds);
  return { seconds: String(Math.trunc(whole / 1000)), nanos: (whole % 1000) * 1_000_000 };
}

/** A `google.protobuf.UInt32Value`. @throws {RangeError} outside 0 to 2^32-1, which would wrap around silently. */
export function uint32(value: number): Message<'google.protobuf.UInt32Value'> {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw new RangeError(`not a 32-bit unsigned number: ${value}`);
  return { value };
}

/** A `google.protobuf.BoolValue`. */
export function bool(value: boolean): Message<'google.protobuf.BoolValue'> {
  return { value };
}
