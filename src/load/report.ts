import { forEachField } from '../proto/wire-fields.ts';

/** What one Envoy sent to one cluster since its report before. Every try counts, so that a retry is a request more. */
export interface ClusterLoad {
  readonly cluster: string;
  readonly issued: number;
  /** Answers below 500; of gRPC those whose status is no error. */
  readonly succeeded: number;
  /** Answers from 500 on, resets, time-outs; of gRPC the statuses that Envoy takes for 5xx. */
  readonly failed: number;
  /** Under way at the moment of the report. */
  readonly active: number;
  /** How long it measured. */
  readonly intervalMs: number;
}

/** Whoever says that it measured for longer is not believed. */
const longestMs = 3_600_000;

/** A `LoadStatsRequest`, as far as Sluice reads it. */
export interface LoadReport {
  /** The encoded node; undefined where the message has none. Envoy sends it, 61 kB with the list of its extensions, in every one. */
  readonly node?: Buffer;
  /** Clusters without a request are left out: Envoy reports them all. */
  readonly clusters: readonly ClusterLoad[];
}

/**
 * Reads a report without decoding what is not needed.
 * @throws {Error} where the bytes are no message.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/load_stats/v3/lrs.proto
 */
export function readReport(bytes: Buffer): LoadReport {
  const clusters: ClusterLoad[] = [];
  let node: Buffer | undefined;
  forEachField(bytes, ({ number, isDelimited, contentStart, end }) => {
    if (number === 1 && isDelimited) node = bytes.subarray(contentStart, end);
    if (number === 2 && isDelimited) {
      const load = readCluster(bytes, contentStart, end);
      if (load) clusters.push(load);
    }
    return undefined;
  });
  return { clusters, ...(node ? { node } : {}) };
}

/** A `ClusterStats`; undefined where nothing happened in it. */
function readCluster(bytes: Buffer, from: number, to: number): ClusterLoad | undefined {
  const sums = { issued: 0, succeeded: 0, failed: 0, active: 0 };
  let [nameStart, nameEnd, intervalMs] = [0, 0, 0];
  let isSilent = true;
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (!isDelimited) return undefined;
      if (number === 1) [nameStart, nameEnd] = [contentStart, end];
      if (number === 2) {
        isSilent = false;
        addLocality(sums, bytes, contentStart, end);
      }
      if (number === 4) intervalMs = readDurationMs(bytes, contentStart, end);
      return undefined;
    },
    from,
    to,
  );
  return isSilent ? undefined : { cluster: bytes.toString('utf8', nameStart, nameEnd), ...sums, intervalMs: Math.min(intervalMs, longestMs) };
}

/** Adds an `UpstreamLocalityStats`. */
function addLocality(sums: { issued: number; succeeded: number; failed: number; active: number }, bytes: Buffer, from: number, to: number): void {
  forEachField(
    bytes,
    ({ number, isDelimited, value }) => {
      if (isDelimited) return undefined;
      if (number === 2) sums.succeeded += value;
      if (number === 3) sums.active += value;
      if (number === 4) sums.failed += value;
      if (number === 8) sums.issued += value;
      return undefined;
    },
    from,
    to,
  );
}

function readDurationMs(bytes: Buffer, from: number, to: number): number {
  let milliseconds = 0;
  forEachField(
    bytes,
    ({ number, isDelimited, value }) => {
      if (!isDelimited && number === 1) milliseconds += value * 1000;
      if (!isDelimited && number === 2) milliseconds += value / 1_000_000;
      return undefined;
    },
    from,
    to,
  );
  return milliseconds;
}
