import type { Json } from '../proto/codec.ts';

/** A `google.protobuf.Any` as protobuf JSON has it. */
export function any(type: string, value: Readonly<Record<string, Json>>): Json {
  return { '@type': `type.googleapis.com/${type}`, ...value };
}
