import { isIP } from 'node:net';
import { forEachField } from '../proto/wire-fields.ts';
import { readOtlpReport, readText, type Span } from './otlp-report.ts';

/** One request of a sample. */
export interface SampledClient {
  /** The client, as lists, limits and hashes see it. */
  readonly address: string;
  /** Whether the connection came from this address: nobody in front named another. */
  readonly isPeer: boolean;
}

/** An `ExportLogsServiceRequest` of the access logger by which Envoys tell of their clients, as far as Sluice reads it. */
export interface ClientReport {
  /** `node.id` and `node.cluster` of the Envoy; undefined where they are not told. */
  readonly node?: string;
  readonly group?: string;
  /** Name of the listener. */
  readonly listener: string;
  /** At most as many as were asked for, the latest ones. */
  readonly clients: readonly SampledClient[];
}

/**
 * Reads a report. Records that name no address are left out, and so are requests that are no client's.
 * @param most so many records are looked at.
 * @throws {Error} where the bytes are no message.
 */
export function readClientReport(bytes: Buffer, most: number): ClientReport {
  const { attributes, records } = readOtlpReport(bytes);
  const [node, group] = [attributes.get('node_name'), attributes.get('cluster_name')];
  const clients = records.slice(-most).flatMap((record) => readClient(bytes, record) ?? []);
  return { ...(node === undefined ? {} : { node }), ...(group === undefined ? {} : { group }), listener: attributes.get('log_name') ?? '', clients };
}

/** How requests end that no route takes, and that a route itself answers, such as redirects: load balancers ask so whether a gateway is well. */
const uncounted: readonly string[] = ['route_not_found', 'direct_response'];

/** A `LogRecord` with the text `CLIENT PEER DETAILS`, as the listener says it. */
function readClient(bytes: Buffer, { start, end: to }: Span): SampledClient | undefined {
  let text = '';
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (number === 5 && isDelimited) text = readText(bytes, contentStart, end);
      return undefined;
    },
    start,
    to,
  );
  const [address = '', peer, details = ''] = text.split(' ');
  return isIP(address) === 0 || uncounted.includes(details) ? undefined : { address, isPeer: address === peer };
}
