/** The memory of what the client of a stream said. */
export interface ReadMemory {
  /** Takes note of the next piece of the stream. */
  take(piece: Uint8Array): void;
  /** What came so far was read, and is copied where somebody keeps it: all of it, or all but the last piece. */
  release(which: 'all' | 'all but the last'): void;
}

/** What stands before each piece in what came from a socket: the head of its frame of HTTP/2. */
const frameHeadBytes = 9;
/** An ACK comes in memory of its own size, which is not worth it. */
const leastBytes = 4096;

interface Covered {
  readonly memory: ArrayBuffer;
  /** Where the last piece ends. */
  end: number;
  /** Whether the pieces fill it up to there, but for their heads; else something else may be between them. */
  isFilled: boolean;
}

/**
 * Gives the memory of pieces back when they were read. Node reads from a socket into memory of its own, and each piece is a part of
 * that. Left to the garbage collector, the half megabyte of each of a thousand clients that come back would make it look through
 * all objects again and again. Memory that may hold anything but pieces of this stream is left to it all the same: what belongs to
 * another stream, or what Node has not looked at yet.
 * @param isAlone whether its connection never had another stream: then there are only frames between the pieces that Node has read.
 */
export function createReadMemory(isAlone: () => boolean): ReadMemory {
  let covered: Covered[] = [];

  return {
    take({ buffer, byteOffset, byteLength }) {
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < leastBytes) return;
      const last = covered.at(-1);
      const known = last?.memory === buffer ? last : { memory: buffer, end: 0, isFilled: true };
      if (known !== last) covered.push(known);
      // Pieces come in their order; else nothing is known.
      known.isFilled &&= byteOffset >= known.end && byteOffset - known.end <= frameHeadBytes;
      known.end = byteOffset + byteLength;
    },
    release(which) {
      if (covered.length === 0) return;
      const used = which === 'all' ? [] : covered.splice(-1);
      const read = covered.filter(({ memory, end, isFilled }) => end === memory.byteLength && (isFilled || isAlone()));
      covered = used;
      // Not at once, as Node is still in the middle of the last of it.
      if (read.length > 0) setImmediate(() => read.forEach(free));
    },
  };
}

function free({ memory }: Covered): void {
  memory.transfer(0);
}
