/** Requests of some time, of one Envoy or of many together. */
interface Load {
  readonly issued: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Requests that were under way, each for as long as it was, in milliseconds: divided by the time, how many were under way at once. */
  readonly activeMs: number;
}

/** What was counted between two moments. */
export interface TimedLoad extends Load {
  /** When the first of the reports in it began and the last ended; equal where there is none. */
  readonly from: number;
  readonly to: number;
}

/** A report of an Envoy: its numbers, and the time that it is about. */
export interface LoadPiece extends Load {
  readonly began: number;
  readonly ended: number;
}

/** Sums of the recent past, and of all time since a moment that is set. Its memory is bounded. */
export interface Tally {
  add(piece: LoadPiece): void;
  /** Of the reports that began at `from` or later, as far as these are still told apart. */
  since(from: number): TimedLoad;
  /** Counts anew from a moment on: of a report that began before nobody knows which of its requests came after. */
  mark(at: number): void;
  /** Of the reports since `mark`, however long ago; without one, of all. */
  sinceMark(): TimedLoad;
  /** When the last report ended; undefined before the first. */
  lastAt(): number | undefined;
}

type Sums = { -readonly [Key in keyof TimedLoad]: number };

/** Into how many pieces the time is cut that is told apart. */
const pieces = 12;

const emptySums = (at: number): Sums => ({ from: at, to: at, issued: 0, succeeded: 0, failed: 0, activeMs: 0 });

function addTo(sums: Sums, piece: LoadPiece): void {
  sums.from = Math.min(sums.from, piece.began);
  sums.to = Math.max(sums.to, piece.ended);
  sums.issued += piece.issued;
  sums.succeeded += piece.succeeded;
  sums.failed += piece.failed;
  sums.activeMs += piece.activeMs;
}

/** @param windowMs the time that is told apart, as it is at the moment of each report. */
export function createTally(windowMs: () => number): Tally {
  /** By the moment in which their reports began, rounded down. */
  const recent: { readonly at: number; readonly sums: Sums }[] = [];
  let markedAt = Number.NEGATIVE_INFINITY;
  let marked: Sums | undefined;
  let last: number | undefined;

  return {
    add(piece) {
      const width = windowMs() / pieces;
      const at = Math.floor(piece.began / width) * width;
      let bucket = recent.find((one) => one.at === at);
      if (!bucket) {
        bucket = { at, sums: emptySums(piece.began) };
        recent.push(bucket);
        const oldest = piece.ended - windowMs() - width;
        while (recent[0] && recent[0].at < oldest) recent.shift();
      }
      addTo(bucket.sums, piece);
      last = Math.max(last ?? piece.ended, piece.ended);
      if (piece.began < markedAt) return;
      marked ??= emptySums(piece.began);
      addTo(marked, piece);
    },
    since(from) {
      const found = recent.filter(({ at }) => at >= from);
      const sums = emptySums(found[0]?.sums.from ?? from);
      for (const one of found) addTo(sums, { ...one.sums, began: one.sums.from, ended: one.sums.to });
      return sums;
    },
    mark(at) {
      markedAt = at;
      marked = undefined;
    },
    sinceMark: () => marked ?? emptySums(Math.max(0, markedAt)),
    lastAt: () => last,
  };
}
