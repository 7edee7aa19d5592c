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
export function forEachField(bytes: Buffer, each: (field: Field) => number | undefined, start = 0, end = bytes.length): void {
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
    } else throw new Error(`a field has the wire type ${wireType}`);
    at = each({ number, isDelimited: wireType === 2, start: fieldStart, contentStart, end: at, value }) ?? at;
  }
}
