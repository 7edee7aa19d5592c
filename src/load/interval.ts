/** Later than this nobody would call it measured. */
const mostMs = 300_000;
/** Clusters in all reports together that are read in a second: a few percent of a core. */
const clustersPerSecond = 100_000;
/** Clusters in the reports of one Envoy: what it is sent meanwhile waits, 9 µs for each cluster of ten endpoints. */
const clustersPerSecondOfOne = 400;

/**
 * How often each Envoy of a group is asked to report. It reports every cluster each time, so that many Envoys, and those with many
 * clusters, report less often: 1,000 Envoys with 5,000 clusters each 50 s, one with 10,000 each 25 s.
 * @param leastMs where they are few.
 */
export function reportIntervalMs(nodes: number, clusters: number, leastMs: number): number {
  const seconds = Math.ceil(Math.max((nodes * clusters) / clustersPerSecond, clusters / clustersPerSecondOfOne));
  return Math.max(leastMs, Math.min(mostMs, seconds * 1000));
}

/** What is called "now": a minute, and never fewer than three reports of an Envoy. */
export function windowMs(intervalMs: number): number {
  return Math.max(60_000, 3 * intervalMs);
}
