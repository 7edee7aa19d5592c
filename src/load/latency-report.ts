import { latencyBoundsMs } from '../latency-bounds.ts';
import { forEachField } from '../proto/wire-fields.ts';
import { readOtlpReport, type Span } from './otlp-report.ts';

/** How long the requests to one cluster took since the report before. */
export interface ClusterLatencies {
  /** The name of the cluster as statistics have it: with `_` for `:`. */
  readonly name: string;
  /** Requests in each bucket of `latencyBoundsMs`, and last of those above all of them. */
  readonly counts: readonly number[];
}

/** An `ExportMetricsServiceRequest`, as far as Sluice reads it. */
export interface LatencyReport {
  /** `service.instance.id`, the id of the Envoy; undefined where it is not told. */
  readonly node?: string;
  /** `service.name`, its group. */
  readonly group?: string;
  /** Its statistics, encoded, for `readLatencies`: thousands are read in more than one turn. */
  readonly metrics: readonly Span[];
}

const [prefix, suffix] = ['cluster.', '.upstream_rq_time'];
/** `AGGREGATION_TEMPORALITY_DELTA`. */
const delta = 1;
const encodedBounds = Buffer.from(new Float64Array(latencyBoundsMs).buffer);

/**
 * Reads what Envoy's OpenTelemetry sink sends, without decoding what is not needed.
 * @throws {Error} where the bytes are no message.
 * @see https://opentelemetry.io/docs/specs/otlp/
 */
export function readLatencyReport(bytes: Buffer): LatencyReport {
  const { attributes, records: metrics } = readOtlpReport(bytes);
  const [node, group] = [attributes.get('service.instance.id'), attributes.get('service.name')];
  return { ...(node === undefined ? {} : { node }), ...(group === undefined ? {} : { group }), metrics };
}

/**
 * Reads a statistic of a report. @returns undefined where it is not the latency of a cluster, has other bounds than
 * `latencyBoundsMs`, or is no delta.
 * @throws {Error} where the bytes are no message.
 */
export function readLatencies(bytes: Buffer, { start, end: to }: Span): ClusterLatencies | undefined {
  let name = '';
  let [histogramStart, histogramEnd] = [0, 0];
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (number === 1 && isDelimited) name = bytes.toString('utf8', contentStart, end);
      if (number === 9 && isDelimited) [histogramStart, histogramEnd] = [contentStart, end];
      return undefined;
    },
    start,
    to,
  );
  if (!name.startsWith(prefix) || !name.endsWith(suffix) || histogramEnd === 0) return undefined;
  const counts = readHistogram(bytes, histogramStart, histogramEnd);
  return counts && { name: name.slice(prefix.length, -suffix.length), counts };
}

/** A `Histogram` with one point; undefined where it has none, other bounds than ours, or is no delta. */
function readHistogram(bytes: Buffer, from: number, to: number): readonly number[] | undefined {
  let temporality = 0;
  let [pointStart, pointEnd] = [0, 0];
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end, value }) => {
      if (number === 1 && isDelimited) [pointStart, pointEnd] = [contentStart, end];
      if (number === 2 && !isDelimited) temporality = value;
      return undefined;
    },
    from,
    to,
  );
  if (temporality !== delta || pointEnd === 0) return undefined;
  let counts: readonly number[] | undefined;
  let hasOurBounds = false;
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (number === 6 && isDelimited) counts = readNumbers(bytes, contentStart, end);
      if (number === 7 && isDelimited) hasOurBounds = encodedBounds.compare(bytes, contentStart, end) === 0;
      return undefined;
    },
    pointStart,
    pointEnd,
  );
  return hasOurBounds && counts?.length === latencyBoundsMs.length + 1 ? counts : undefined;
}

/** Packed numbers of 64 bits; as numbers of requests they never need more than 53. */
function readNumbers(bytes: Buffer, from: number, to: number): readonly number[] | undefined {
  if ((to - from) % 8 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
  const numbers: number[] = [];
  for (let at = 0; at < view.byteLength; at += 8) numbers.push(view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32);
  return numbers;
}
