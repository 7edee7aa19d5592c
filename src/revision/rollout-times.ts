import { latencyBoundsMs } from '../latency-bounds.ts';

/** How many requests took how long, by bucket of `latencyBoundsMs`, and last those above all of them. */
export type Times = ArrayLike<number>;

/** The times of those that have a revision first, and of the others. */
export interface BothTimes {
  readonly first: Times;
  readonly others: Times;
}

/** Fewer requests say nothing. */
const leastRequests = 100;
/** Slow is what takes longer than so many times what 95 of a hundred took before, and so many milliseconds longer: less is what machines do by themselves. */
const [slowTimes, slowMs] = [2, 10];
/** A difference that matters: so large a part of the requests is slow that was not. */
const leastDifference = 0.1;
/** In standard deviations: by chance alone it comes less than once in ten thousand looks. */
const leastDeviations = 4;

/**
 * Whether the Envoys that have a revision first have become clearly slower than the others have in the same time, in words; undefined:
 * they have not, or too few requests are known. Each side is compared with itself before, since Envoys have clients, zones and clusters
 * of their own; and what the others have as well is no fault of the revision.
 * @see https://en.wikipedia.org/wiki/Difference_in_differences
 */
export function moreSlow(before: BothTimes, now: BothTimes): string | undefined {
  const own = slowness(before.first, now.first);
  const rest = slowness(before.others, now.others);
  if (!own || !rest) return undefined;
  const difference = own.more - Math.max(0, rest.more);
  if (difference < leastDifference || difference < leastDeviations * Math.sqrt(own.variance + rest.variance)) return undefined;
  return `${percent(own.share)} of ${own.requests} requests of the Envoys that have it take longer than ${own.boundMs} ms, and before it ${percent(own.shareBefore)} did; of the others ${percent(rest.share)} of ${rest.requests} take longer than ${rest.boundMs} ms`;
}

/** The times of several Envoys together. */
export function timesTogether(all: readonly Times[]): Times {
  const sums = new Float64Array(latencyBoundsMs.length + 1);
  for (const times of all) for (let bucket = 0; bucket < sums.length; bucket++) sums[bucket] = (sums[bucket] ?? 0) + (times[bucket] ?? 0);
  return sums;
}

interface Slowness {
  readonly boundMs: number;
  readonly requests: number;
  /** Of these, the part that took longer than the bound, now and before. */
  readonly share: number;
  readonly shareBefore: number;
  readonly more: number;
  /** Of the difference of the two. */
  readonly variance: number;
}

function slowness(before: Times, now: Times): Slowness | undefined {
  const [requestsBefore, requests] = [countAbove(before, -1), countAbove(now, -1)];
  if (requestsBefore < leastRequests || requests < leastRequests) return undefined;
  const usual = latencyBoundsMs.findIndex((_, bucket) => countAbove(before, bucket) <= 0.05 * requestsBefore);
  const usualMs = latencyBoundsMs[usual] ?? Number.POSITIVE_INFINITY;
  const bound = latencyBoundsMs.findIndex((bucketMs) => bucketMs >= Math.max(slowTimes * usualMs, usualMs + slowMs));
  // Slower than all that is measured nobody can be.
  if (bound < 0) return undefined;
  const [share, shareBefore] = [countAbove(now, bound) / requests, countAbove(before, bound) / requestsBefore];
  const variance = (share * (1 - share)) / requests + (shareBefore * (1 - shareBefore)) / requestsBefore;
  return { boundMs: latencyBoundsMs[bound] ?? 0, requests, share, shareBefore, more: share - shareBefore, variance };
}

/** Requests in the buckets above one. */
function countAbove(times: Times, bucket: number): number {
  let count = 0;
  for (let above = bucket + 1; above < times.length; above++) count += times[above] ?? 0;
  return count;
}

const percent = (part: number): string => `${Number((part * 100).toFixed(1))}%`;
