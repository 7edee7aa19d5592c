/**
 * One field of an encoded message: where it begins with its tag, and where its content is. Of fields with another wire type
 * than length-delimited, `value` is the number where it is a varint.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export interface Field {
  readonly number: number;
  /** Whether it is a string, bytes or a message. */
  readonly isDelimited: boolean;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
  readonly value: number;
}

/**
 * Goes through the top-level fields of a message without looking into them.
 * @param each is told of every field, in the order in which they stand. May return where to go on; undefined: behind the field.
 * @throws {Error} where the bytes are no message.
 */
export function forEachField(bytes: Uint8Array, each: (field: Field) => number | undefined, start = 0, end = bytes.length): void {
  let at = start;

  function varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      if (at >= end) throw new Error('a number is cut off');
      const byte = bytes[at++] ?? 0;
      // What is above 53 bits is lost: no field that is read here is that large.
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new Error('a number is too long');
  }

  function skip(length: number): void {
    if (length > end - at) throw new Error('a field is cut off');
    at += length;
  }

  while (at < end) {
    const fieldStart = at;
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number === 0 || number > 0x1fffffff) throw new Error(`a field has the number ${number}`);
    let value = 0;
    let contentStart = at;
    if (wireType === 0) value = varint();
    else if (wireType === 1) skip(8);
    else if (wireType === 5) skip(4);
    else if (wireType === 2) {
      const length = varint();
      contentStart = at;
      skip(length);
    } else throw new Error(`a field of the unknown wire type ${wireType}`);
    at = each({ number, isDelimited: wireType === 2, start: fieldStart, contentStart, end: at, value }) ?? at;
  }
}

/** One field of an encoded message, with its bytes. They are views, not copies. */
export interface WireField {
  readonly number: number;
  /** Tag, length and value, as they stand in the message. */
  readonly whole: Uint8Array;
  /** The value of a field of the wire type 2 (strings, messages); empty for all others. */
  readonly value: Uint8Array;
}

/**
 * The top-level fields of a message in the order in which they stand.
 * @throws {Error} where the bytes are no message.
 */
export function wireFields(bytes: Uint8Array): readonly WireField[] {
  const fields: WireField[] = [];
  forEachField(bytes, ({ number, isDelimited, start, contentStart, end }) => {
    fields.push({ number, whole: bytes.subarray(start, end), value: bytes.subarray(isDelimited ? contentStart : end, end) });
    return undefined;
  });
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
