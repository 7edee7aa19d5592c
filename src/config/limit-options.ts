import { type ClientLimits, defaultClientLimits } from '../client-limits.ts';
import { millisecondsOf } from './text-forms.ts';

/** Limits of clients as a command line gives them: undefined where one is not given. */
export interface GivenLimits {
  readonly maxConnections?: string;
  readonly maxConnectionsPerAddress?: string;
  readonly maxStreams?: string;
  readonly maxStreamsPerAddress?: string;
  readonly maxRequestRate?: string;
  readonly maxRequestSize?: string;
  readonly maxUnfinishedSize?: string;
  readonly maxNames?: string;
  readonly firstRequestTimeout?: string;
  readonly loadReportInterval?: string;
}

/** An option, and the limits that it sets. */
interface LimitOption {
  readonly key: keyof GivenLimits;
  readonly flags: string;
  readonly variable: string;
  readonly doc: string;
  readonly default: string;
  /** What may be written, in words. */
  readonly form: string;
  /** @returns undefined where the text has another form. */
  readonly read: (text: string) => Partial<ClientLimits> | undefined;
}

/** Requests at once that an option for their number in a second stands for. */
const burstSeconds = 20;
const [smallestBytes, largestBytes] = [64 * 1024, 1024 ** 3];
const sizeForm = 'a size from 64KiB to 1GiB, as 64MiB';
const numberForm = 'a whole number from 1 to 10000000';
const defaults = defaultClientLimits;

/** Limits that differ from one place to the other; all others are fixed. */
export const limitOptions: readonly LimitOption[] = [
  count('maxConnections', '--max-connections', 'SLUICE_MAX_CONNECTIONS', 'xDS connections that are open, in all; one more is closed', 'connections'),
  count(
    'maxConnectionsPerAddress',
    '--max-connections-per-address',
    'SLUICE_MAX_CONNECTIONS_PER_ADDRESS',
    'of these from one address',
    'connectionsPerAddress',
  ),
  count('maxStreams', '--max-streams', 'SLUICE_MAX_STREAMS', 'xDS streams that are open, in all', 'streams'),
  count('maxStreamsPerAddress', '--max-streams-per-address', 'SLUICE_MAX_STREAMS_PER_ADDRESS', 'of these from one address', 'streamsPerAddress'),
  {
    key: 'maxRequestRate',
    flags: '--max-request-rate <number>',
    variable: 'SLUICE_MAX_REQUEST_RATE',
    doc: `requests of a stream in a second that no answer asked for, and ${burstSeconds} times as many at once`,
    default: String(defaults.requestsPerSecond),
    form: numberForm,
    read: (text) => limited(numberOf(text), (requestsPerSecond) => ({ requestsPerSecond, requestBurst: burstSeconds * requestsPerSecond })),
  },
  {
    key: 'maxRequestSize',
    flags: '--max-request-size <size>',
    variable: 'SLUICE_MAX_REQUEST_SIZE',
    doc: 'size of a request: who reconnects tells the versions of all that it has',
    default: '64MiB',
    form: sizeForm,
    read: (text) => limited(sizeOf(text), (requestBytes) => ({ requestBytes })),
  },
  {
    key: 'maxUnfinishedSize',
    flags: '--max-unfinished-size <size>',
    variable: 'SLUICE_MAX_UNFINISHED_SIZE',
    doc: 'memory for requests of which a part has come, in all; other clients wait, and what needs more than half of it goes one at a time',
    default: '16MiB',
    form: sizeForm,
    read: (text) => limited(sizeOf(text), (unfinishedBytes) => ({ unfinishedBytes })),
  },
  count('maxNames', '--max-names', 'SLUICE_MAX_NAMES', 'names in a request, and names that a stream asks for of one type', 'names'),
  {
    key: 'firstRequestTimeout',
    flags: '--first-request-timeout <duration>',
    variable: 'SLUICE_FIRST_REQUEST_TIMEOUT',
    doc: 'how long a stream may stand without a request',
    default: '30s',
    form: 'a duration from 1s to 1h, as 30s',
    read: (text) => limited(timeOutOf(text), (firstRequestMs) => ({ firstRequestMs })),
  },
  {
    key: 'loadReportInterval',
    flags: '--load-report-interval <duration>',
    variable: 'SLUICE_LOAD_REPORT_INTERVAL',
    doc: 'how often each Envoy reports its requests; many Envoys with many clusters report less often',
    default: '10s',
    form: 'a duration from 1s to 1h, as 10s',
    read: (text) => limited(timeOutOf(text), (loadReportMs) => ({ loadReportMs })),
  },
];

function count(key: keyof GivenLimits, flag: string, variable: string, doc: string, limit: keyof ClientLimits): LimitOption {
  const read = (text: string) => limited(numberOf(text), (number) => ({ [limit]: number }));
  return { key, flags: `${flag} <number>`, variable, doc, default: String(defaults[limit]), form: numberForm, read };
}

function limited(value: number | undefined, limits: (value: number) => Partial<ClientLimits>): Partial<ClientLimits> | undefined {
  return value === undefined ? undefined : limits(value);
}

function numberOf(text: string): number | undefined {
  return /^[1-9]\d{0,6}$/.test(text) || text === '10000000' ? Number(text) : undefined;
}

const unitBytes: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

function sizeOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,10})(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(amount) * (unitBytes[unit] ?? 1);
  return bytes >= smallestBytes && bytes <= largestBytes ? bytes : undefined;
}

function timeOutOf(text: string): number | undefined {
  const milliseconds = millisecondsOf(text);
  return milliseconds !== undefined && milliseconds >= 1000 && milliseconds <= 3_600_000 ? milliseconds : undefined;
}
