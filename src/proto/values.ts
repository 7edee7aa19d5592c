import type { Message } from './message.ts';

/** The longest time that Envoy takes, 292 years: it counts nanoseconds in 64 bits. */
export const longestSeconds = 9_223_372_035;

/** A `google.protobuf.Duration`. @param milliseconds from 0; fractions of a millisecond are cut, and what is longer than Envoy takes is the longest. */
export function duration(milliseconds: number): Message<'google.protobuf.Duration'> {
  const whole = Math.min(Math.trunc(milliseconds), longestSeconds * 1000);
  return { seconds: String(Math.trunc(whole / 1000)), nanos: (whole % 1000) * 1_000_000 };
}

const largestUint32 = 0xffff_ffff;

/** A `google.protobuf.UInt32Value`. @throws {RangeError} outside 0 to 2^32-1, which would wrap around silently. */
export function uint32(value: number): Message<'google.protobuf.UInt32Value'> {
  if (!Number.isInteger(value) || value < 0 || value > largestUint32) throw new RangeError(`not a 32-bit unsigned number: ${value}`);
  return { value };
}

/** What people may write as large as they like: the largest of 32 bits for whatever is larger. */
export function atMostUint32(value: number): number {
  return Math.min(value, largestUint32);
}

/** A `google.protobuf.BoolValue`. */
export function bool(value: boolean): Message<'google.protobuf.BoolValue'> {
  return { value };
}
