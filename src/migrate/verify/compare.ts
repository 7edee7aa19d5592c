/** What came back. */
export type Reply = Answered | { readonly failure: string };

/** An answer, as far as it is compared. */
interface Answered {
  readonly status: number;
  /** By name in lower case, a text a line. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Of the body. */
  readonly hash: string;
}

/** Something in which two answers differ. */
export interface Difference {
  readonly aspect: 'answer' | 'status' | 'backend' | 'location' | 'cookie' | 'header';
  /** Of the cookie or the header. */
  readonly name?: string;
  /** What ingress-nginx gave. */
  readonly from: string;
  /** What Sluice gave. */
  readonly to: string;
}

/** What is looked at. */
export interface Comparison {
  /** Header that tells which backend answered. Undefined: the body does. */
  readonly backendHeader?: string;
  /** In lower case: further headers that do not matter. */
  readonly ignored: ReadonlySet<string>;
}

/** Headers that are compared in another way, or say nothing of the behaviour: they change by themselves, or with the server's name. */
const passedOver: readonly string[] = [
  'age',
  'alt-svc',
  'connection',
  'content-length',
  'date',
  'etag',
  'expires',
  'keep-alive',
  'last-modified',
  'location',
  'server',
  'set-cookie',
  'transfer-encoding',
  'x-envoy-upstream-service-time',
  'x-request-id',
];

/** In what the second answer differs from the first. Where the status does, headers and body are not looked at: they must. */
export function differencesOf(from: Reply, to: Reply, comparison: Comparison): readonly Difference[] {
  if ('failure' in from || 'failure' in to) return [{ aspect: 'answer', from: outcome(from), to: outcome(to) }];
  const told: readonly (Difference | undefined)[] = [
    unlike('status', String(from.status), String(to.status)),
    unlike('location', lines(from.headers['location']), lines(to.headers['location'])),
  ];
  const firstSight = told.filter((one) => one !== undefined);
  return from.status === to.status ? [...firstSight, ...backend(from, to, comparison), ...cookies(from, to), ...headers(from, to, comparison)] : firstSight;
}

/** Whether two differences are about the same thing. */
export function isAlike(a: Difference, b: Difference): boolean {
  return a.aspect === b.aspect && a.name === b.name;
}

function outcome(reply: Reply): string {
  return 'failure' in reply ? `no answer: ${reply.failure}` : String(reply.status);
}

function unlike(aspect: Difference['aspect'], from: string, to: string, name?: string): Difference | undefined {
  return from === to ? undefined : { aspect, ...(name === undefined ? {} : { name }), from, to };
}

/** A body says who answered only where a backend did: error pages are each proxy's own. */
function backend(from: Answered, to: Answered, { backendHeader }: Comparison): readonly Difference[] {
  const told = backendHeader?.toLowerCase();
  const [first, second] = told === undefined ? [from.hash, to.hash] : [lines(from.headers[told]), lines(to.headers[told])];
  const difference = told === undefined && from.status >= 300 ? undefined : unlike('backend', first, second);
  return difference ? [difference] : [];
}

/** Cookies by name: which attributes they have. Their values are random. */
function cookies(from: Answered, to: Answered): readonly Difference[] {
  const [first, second] = [attributesOf(from), attributesOf(to)];
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((name) => unlike('cookie', first.get(name) ?? none, second.get(name) ?? none, name) ?? []);
}

function attributesOf({ headers }: Answered): ReadonlyMap<string, string> {
  return new Map(
    (headers['set-cookie'] ?? []).map((line) => {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const written = attributes.map((one) => one.replace(/^[^=]+/, (name) => name.toLowerCase()).replace(/^expires=.*/, 'expires'));
      return [pair.split('=')[0] ?? '', written.toSorted().join('; ') || 'no attributes'];
    }),
  );
}

/** The form of an error page or of the page of a redirect is each proxy's own. */
function headers(from: Answered, to: Answered, { backendHeader, ignored }: Comparison): readonly Difference[] {
  const left = new Set([...passedOver, ...ignored, backendHeader?.toLowerCase(), ...(from.status >= 300 ? ['content-type'] : [])]);
  const names = [...new Set([...Object.keys(from.headers), ...Object.keys(to.headers)])].filter((name) => !left.has(name)).toSorted();
  return names.flatMap((name) => unlike('header', lines(from.headers[name]), lines(to.headers[name]), name) ?? []);
}

const none = 'none';

function lines(values: readonly string[] | undefined): string {
  return values?.join(', ') ?? none;
}
