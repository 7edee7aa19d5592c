/** A request of which not all has come yet. */
interface Unfinished {
  /** How many were whole before it on its stream. */
  readonly number: number;
  /** How long it says it is; undefined until that is known. */
  readonly bytes: number | undefined;
  /** Whether it comes in so many small pieces that these cost far more memory than what is in them. */
  readonly isCrumbled: boolean;
}

/** Follows where the requests of a stream begin and end, without keeping any of them. */
export interface RequestMeter {
  /** Takes the next piece. @returns the request that is unfinished after it; undefined: all are whole. */
  take(piece: Uint8Array): Unfinished | undefined;
}

/** A byte about compression, then four with the length. */
const headBytes = 5;
/** A piece costs some hundred bytes beside its content. What a network delivers has a thousand or more. */
const [freePieces, leastPieceBytes] = [100, 256];

/** @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
export function createRequestMeter(): RequestMeter {
  let number = 0;
  let head = 0;
  let bytes = 0;
  let missing = 0;
  let pieces = 0;

  /** @returns where the head ends in the piece, or the piece. */
  function readHead(piece: Uint8Array, start: number): number {
    let at = start;
    for (; head < headBytes && at < piece.length; at++, head++) {
      if (head > 0) bytes = bytes * 256 + (piece[at] ?? 0);
    }
    missing = bytes;
    return at;
  }

  return {
    take(piece) {
      pieces += 1;
      for (let at = 0; at < piece.length; ) {
        if (head < headBytes) at = readHead(piece, at);
        if (head < headBytes) break;
        const taken = Math.min(missing, piece.length - at);
        missing -= taken;
        at += taken;
        if (missing > 0) break;
        number += 1;
        [head, bytes, pieces] = [0, 0, 0];
      }
      if (head === 0) return undefined;
      const come = head < headBytes ? head : bytes - missing;
      return { number, bytes: head < headBytes ? undefined : bytes, isCrumbled: pieces > freePieces + come / leastPieceBytes };
    },
  };
}
