/** A list as it stands in a message: fields of one number up to 15, one after the other. */
interface List {
  readonly bytes: Buffer;
  /** The same for lists of the same entries in whatever order; hardly ever for others. */
  readonly key: string;
  /** Where each entry begins, and where the last one ends. */
  readonly places: Uint32Array;
  /** Of each entry: equal where their bytes are, hardly ever otherwise. */
  readonly hashes: Int32Array;
}

/** A list in which entries can be found. */
export interface ListIndex {
  /** Whether another list has the same entries, in whatever order. */
  isSame(other: List): boolean;
}

/**
 * Takes lists apart, one after the other. What it gives holds until the next one, in the same memory: a thousand clients that come
 * back tell two thousand long lists, of which two are kept.
 * @param seed differs from process to process.
 * @returns throws an error where an entry is cut off.
 */
export function createListReader(seed: number): (bytes: Buffer) => List {
  let places = new Uint32Array(1024);
  let hashes = new Int32Array(1024);

  function makeRoom(): void {
    const [more, moreHashes] = [new Uint32Array(places.length * 2), new Int32Array(places.length * 2)];
    more.set(places);
    moreHashes.set(hashes);
    [places, hashes] = [more, moreHashes];
  }

  return (bytes) => {
    const view = viewOf(bytes);
    let count = 0;
    let sum = 0;
    for (let at = 0; at < bytes.length; count++) {
      // One more place tells where the last entry ends.
      if (count + 1 >= places.length) makeRoom();
      const end = endOfField(bytes, at);
      const hash = hashOf(view, at, end, seed);
      places[count] = at;
      hashes[count] = hash;
      sum = (sum + Math.imul(hash, 0x85ebca6b)) | 0;
      at = end;
    }
    places[count] = bytes.length;
    return { bytes, key: `${count} ${bytes.length} ${sum}`, places: places.subarray(0, count + 1), hashes: hashes.subarray(0, count) };
  };
}

/** Steps for an entry, on average, before a search is given up; less than two are usual. Entries may be made up so that their hashes are equal. */
const mostSteps = 8;

/**
 * Keeps a list so that others can be compared with it. Every entry is compared by its bytes: hashes only tell where to look,
 * so that nobody can pass a list off as that of another client.
 * @returns undefined where an entry is there twice, or too many hashes are equal.
 */
export function createListIndex({ bytes, ...read }: List): ListIndex | undefined {
  const [places, hashes] = [read.places.slice(), read.hashes.slice()];
  const count = hashes.length;
  const view = viewOf(bytes);
  const mask = 2 ** Math.ceil(Math.log2(count * 2 + 1)) - 1;
  /** Numbers of entries, from 1: each stands in the first slot from its hash on that was free. */
  const table = new Uint32Array(mask + 1);
  let stepsLeft = mostSteps * count;

  /** Slot of the entry that has these bytes, or the free one where it belongs; undefined: too many steps. */
  function slotOf(other: DataView, start: number, end: number, hash: number): number | undefined {
    for (let slot = hash & mask; stepsLeft > 0; slot = (slot + 1) & mask) {
      stepsLeft -= 1;
      const entry = (table[slot] as number) - 1;
      if (entry < 0) return slot;
      if (hashes[entry] === hash && isEqual(view, places[entry] as number, places[entry + 1] as number, other, start, end)) return slot;
    }
    return undefined;
  }

  for (let entry = 0; entry < count; entry++) {
    const slot = slotOf(view, places[entry] as number, places[entry + 1] as number, hashes[entry] as number);
    if (slot === undefined || table[slot] !== 0) return undefined;
    table[slot] = entry + 1;
  }
  return {
    isSame(other) {
      if (other.bytes.equals(bytes)) return true;
      if (other.hashes.length !== count) return false;
      stepsLeft = mostSteps * count;
      const otherView = viewOf(other.bytes);
      const isSeen = new Uint8Array(mask + 1);
      for (let entry = 0; entry < count; entry++) {
        const slot = slotOf(otherView, other.places[entry] as number, other.places[entry + 1] as number, other.hashes[entry] as number);
        if (slot === undefined || table[slot] === 0 || isSeen[slot] === 1) return false;
        isSeen[slot] = 1;
      }
      return true;
    },
  };
}

/**
 * Where a field ends.
 * @throws {Error} where it is cut off.
 */
export function endOfField(bytes: Buffer, start: number): number {
  let length = 0;
  // One byte is the whole tag, as the number is below 16.
  let at = start + 1;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++];
    if (byte === undefined || shift > 2 ** 35) throw new Error('an entry of a list is cut off');
    length += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  if (length > bytes.length - at) throw new Error('an entry of a list is cut off');
  return at + length;
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

/** Four bytes at a time, as a list may have a megabyte of them. */
function hashOf(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) {
    hash = Math.imul(hash ^ view.getUint8(at), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isEqual(one: DataView, start: number, end: number, other: DataView, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  const offset = otherStart - start;
  let at = start;
  for (; at + 4 <= end; at += 4) if (one.getInt32(at) !== other.getInt32(at + offset)) return false;
  for (; at < end; at++) if (one.getUint8(at) !== other.getUint8(at + offset)) return false;
  return true;
}
