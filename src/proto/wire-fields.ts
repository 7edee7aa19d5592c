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

/** The text in a field of a message; where the field is there twice the last one counts, as for whoever decodes it. Empty: there is none. */
export function textField(message: Uint8Array, wanted: number): string {
  return Buffer.from(wireFields(message).findLast(({ number }) => number === wanted)?.value ?? []).toString();
}

/** A length-delimited field. */
export function wireField(number: number, value: Uint8Array): Uint8Array {
  const field = Buffer.allocUnsafe(wireHeadLength(number, value.length) + value.length);
  field.set(value, writeWireHead(number, value.length, field, 0));
  return field;
}

/** How many bytes stand before the value of a length-delimited field: tag and length. */
export function wireHeadLength(number: number, length: number): number {
  return varintLength(number * 8 + 2) + varintLength(length);
}

/** Writes what stands before the value of a length-delimited field. @returns where it ends. */
export function writeWireHead(number: number, length: number, target: Uint8Array, at: number): number {
  return writeVarint(length, target, writeVarint(number * 8 + 2, target, at));
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) length++;
  return length;
}

function writeVarint(value: number, target: Uint8Array, at: number): number {
  let end = at;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) target[end++] = (rest & 0x7f) | 0x80;
  target[end] = rest;
  return end + 1;
}
