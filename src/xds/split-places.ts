import { hash } from 'node:crypto';

/** How many places all backends of a split share: what a user's hash is taken modulo of. A share is exact to a millionth. */
export const splitPlaceCount = 1_000_000;

/** Neighbouring places of one backend. */
export interface PlaceRun {
  /** Position of the backend in the list that was given. */
  readonly backend: number;
  /** How many places, from 0: a backend without weight has a run of none. */
  readonly length: number;
}

/**
 * The places of each backend of a sticky split, from place 0 to the last one.
 *
 * The places are a circle. Each backend starts at a place that its name alone decides and takes places from there on, as many as its
 * share; what others have already taken it leaves out, and who starts later on the way goes first. So the order in which backends
 * are written means nothing, and a weight that changes moves the end of a backend and not its beginning. Between two backends only
 * those users move who have to. Among more, a backend that reaches the start of another one may push that one on: no scheme
 * without memory is free of that.
 * @param backends names (equal ones are told apart by their order) and weights, the sum above 0.
 */
export function splitPlaces(backends: readonly { readonly name: string; readonly weight: number }[]): readonly PlaceRun[] {
  const lengths = placeCounts(backends.map(({ weight }) => weight));
  const starts = startsOf(backends.map(({ name }) => name))
    .map((at, backend) => ({ at, backend }))
    .filter(({ backend }) => lengths[backend] !== 0)
    .sort((a, b) => a.at - b.at);
  const origin = starts[0]?.at ?? 0;
  const runs = joined(fromZero(circleRuns(starts, lengths), origin));
  const without = backends.flatMap((_, backend) => (lengths[backend] === 0 ? [{ backend, length: 0 }] : []));
  return [...runs, ...without];
}

/** As many places as the share says; the rest of the division goes to the largest remainders, and a weight above 0 has one at least. */
function placeCounts(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const exact = weights.map((weight) => (weight / total) * splitPlaceCount);
  const counts = exact.map((count, index) => ((weights[index] ?? 0) > 0 ? Math.max(1, Math.floor(count)) : 0));
  const byRemainder = exact.map((count, index) => ({ index, rest: count - (counts[index] ?? 0) })).sort((a, b) => b.rest - a.rest || a.index - b.index);
  let missing = splitPlaceCount - counts.reduce((sum, count) => sum + count, 0);
  for (const { index } of missing >= 0 ? byRemainder : byRemainder.toReversed()) {
    if (missing === 0) break;
    const count = counts[index] ?? 0;
    if (count === 0 || (missing < 0 && count === 1)) continue;
    counts[index] = count + Math.sign(missing);
    missing -= Math.sign(missing);
  }
  return counts;
}

/** Where on the circle each begins. A name that comes again has a start of its own; two names never share one. */
function startsOf(names: readonly string[]): number[] {
  const taken = new Set<number>();
  const seen = new Map<string, number>();
  return names.map((name) => {
    const repetition = seen.get(name) ?? 0;
    seen.set(name, repetition + 1);
    let at = Number.parseInt(hash('sha256', `${name} ${repetition}`, 'hex').slice(0, 12), 16) % splitPlaceCount;
    while (taken.has(at)) at = (at + 1) % splitPlaceCount;
    taken.add(at);
    return at;
  });
}

interface Gap {
  /** Runs from its beginning on. */
  readonly runs: PlaceRun[];
  /** Places behind them that nobody has. */
  free: number;
}

/** The runs from the first start on, once around the circle: what is too long for its way to the next start goes on behind it. */
function circleRuns(starts: readonly { readonly at: number; readonly backend: number }[], lengths: readonly number[]): readonly PlaceRun[] {
  /** Backends that still need places; the one that started last comes first. */
  const waiting: { readonly backend: number; rest: number }[] = [];
  const gaps = starts.map(({ at }, index): Gap => {
    const next = starts[index + 1]?.at ?? (starts[0]?.at ?? 0) + splitPlaceCount;
    return { runs: [], free: next - at };
  });
  function fill(gap: Gap): void {
    while (gap.free > 0) {
      const last = waiting.at(-1);
      if (!last) return;
      const length = Math.min(last.rest, gap.free);
      gap.runs.push({ backend: last.backend, length });
      gap.free -= length;
      last.rest -= length;
      if (last.rest === 0) waiting.pop();
    }
  }
  for (const [index, { backend }] of starts.entries()) {
    waiting.push({ backend, rest: lengths[backend] ?? 0 });
    const gap = gaps[index];
    if (gap) fill(gap);
  }
  for (const gap of gaps) fill(gap);
  return gaps.flatMap(({ runs }) => runs);
}

/** Runs that begin at a place of the circle, from place 0 on. */
function fromZero(runs: readonly PlaceRun[], origin: number): readonly PlaceRun[] {
  const [before, behind]: [PlaceRun[], PlaceRun[]] = [[], []];
  let at = origin;
  for (const { backend, length } of runs) {
    const room = Math.max(0, Math.min(length, splitPlaceCount - at));
    if (room > 0) behind.push({ backend, length: room });
    if (length > room) before.push({ backend, length: length - room });
    at += length;
  }
  return [...before, ...behind];
}

/** Neighbours of one backend are one run. */
function joined(runs: readonly PlaceRun[]): readonly PlaceRun[] {
  const found: PlaceRun[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last?.backend === run.backend) found[found.length - 1] = { ...last, length: last.length + run.length };
    else found.push(run);
  }
  return found;
}
