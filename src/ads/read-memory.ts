/** The memory of what the client of a stream said. */
export interface ReadMemory {
  /** Takes note of the next piece of the stream. */
  take(piece: Uint8Array): void;
  /** What came so far was read, and is copied where somebody keeps it: all of it, or all but the last piece. */
  release(which: 'all' | 'all but the last'): void;
}

/** What stands before each piece in what came from a socket: the head of its frame of HTTP/2. */
const frameHeadBytes = 9;

interface Covered {
  readonly memory: ArrayBuffer;
  /** To where the pieces fill it, but for their heads; undefined: something else may be between them. */
  filledTo: number | undefined;
}

/**
 * Gives the memory of pieces back when they were read. Node reads from a socket into memory of its own, and each piece is a part of
 * that. Left to the garbage collector, the half megabyte of each of a thousand clients that come back would make it look through
 * all objects again and again. Memory that may hold anything but pieces of this stream is left to it all the same: what belongs to
 * another stream, or what Node has not looked at yet.
 */
export function createReadMemory(): ReadMemory {
  let covered: Covered[] = [];

  return {
    take({ buffer, byteOffset, byteLength }) {
      if (!(buffer instanceof ArrayBuffer)) return;
      const last = covered.at(-1);
      const known = last?.memory === buffer ? last : { memory: buffer, filledTo: 0 };
      if (known !== last) covered.push(known);
      known.filledTo = isNext(known.filledTo, byteOffset) ? byteOffset + byteLength : undefined;
    },
    release(which) {
      const used = which === 'all' ? [] : covered.splice(-1);
      const filled = covered.filter(({ memory, filledTo }) => filledTo === memory.byteLength);
      covered = used;
      // Not at once, as Node is still in the middle of the last of it.
      if (filled.length > 0) setImmediate(() => filled.forEach(free));
    },
  };
}

const isNext = (filledTo: number | undefined, start: number): boolean => filledTo !== undefined && start >= filledTo && start - filledTo <= frameHeadBytes;

function free({ memory }: Covered): void {
  memory.transfer(0);
}
