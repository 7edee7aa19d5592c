/**
 * Bounds of the histograms of latency, in milliseconds, each the last value that belongs to its bucket. Envoy's own, which its
 * Prometheus page has as well, with one more between each two, so that neighbours differ by no more than two thirds (below 5 ms
 * by what a millisecond makes).
 */
export const latencyBoundsMs = [
  0.5, 1, 2, 3, 5, 7, 10, 15, 25, 35, 50, 70, 100, 150, 250, 350, 500, 700, 1000, 1500, 2500, 3500, 5000, 7000, 10_000, 15_000, 30_000, 60_000, 300_000,
] as const;

/** How often Envoys tell of their latencies, in milliseconds. */
export const latencyReportMs = 10_000;
