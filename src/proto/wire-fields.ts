/** One field of an encoded message. */
export interface WireField {
  readonly number: number;
  /** Tag, length and value, as they stand in the message. */
  readonly whole: Uint8Array;
  /** The value of a field of the wire type 2 (strings, messages); empty for all others. */
  readonly value: Uint8Array;
}

/**
 * The fields of an encoded message in the order in which they stand, without decoding what is in them. The bytes are views, not copies.
 * @throws {Error} where the bytes are no message.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function wireFields(bytes: Uint8Array): readonly WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new Error('the bytes end inside of a field');
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    let value = bytes.subarray(at, at);
    switch (tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        value = bytes.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new Error(`a field of the unknown wire type ${tag & 7}`);
    }
    fields.push({ number: Math.floor(tag / 8), whole: bytes.subarray(start, at), value });
  }
  return fields;
}

/** A length-delimited field. */
export function wireField(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([wireHead(number, value.length), value]);
}

/** What stands before the value of a length-delimited field: tag and length. */
export function wireHead(number: number, length: number): Uint8Array {
  return Uint8Array.from([...varintBytes(number * 8 + 2), ...varintBytes(length)]);
}

function varintBytes(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}
