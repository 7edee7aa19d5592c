import type { CaseExpectation, ExpectedReceipt, ExpectedTexts } from './case.ts';
import type { Answer } from './send.ts';
import type { Receipt } from './upstream.ts';

/** What came of a request, or of its repetitions. */
export interface Outcome {
  /** An answer each time, or why there was none. */
  readonly answers: readonly (Answer | Error)[];
  /** What all endpoints received meanwhile, in order. */
  readonly receipts: readonly Receipt[];
  /** What the endpoint received that gave an answer. Undefined: none gave it. */
  receiptOf(answer: Answer): Receipt | undefined;
}

/** Says what is not as expected, a line each: what was expected, and what was got. Empty: all is. */
export function unmet(expected: CaseExpectation, outcome: Outcome, fill: (text: string) => string): readonly string[] {
  const lines = new Set<string>();
  const check = (what: string, wanted: unknown, got: unknown, isMet: boolean): void => {
    if (!isMet) lines.add(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  };
  const answers = outcome.answers.filter((answer): answer is Answer => !(answer instanceof Error));
  for (const answer of outcome.answers) if (answer instanceof Error) check('an answer', true, `${answer.message} ${answer.cause ?? ''}`, false);
  const texts = (what: string, wanted: ExpectedTexts | undefined, got: Readonly<Record<string, string>> | undefined): void => {
    for (const [name, text] of Object.entries(wanted ?? {})) {
      check(`${what} ${name}`, text, got?.[name] ?? null, got !== undefined && isText(text === null ? null : fill(text), got[name]));
    }
  };
  const receipt = (what: string, wanted: ExpectedReceipt, got: Receipt | undefined): void => {
    for (const field of ['service', 'method', 'path', 'body'] as const) {
      if (wanted[field] !== undefined) check(`${what} ${field}`, wanted[field], got?.[field], got?.[field] === wanted[field]);
    }
    texts(`${what} header`, wanted.upstream, got?.headers);
  };

  for (const answer of answers) {
    const got = outcome.receiptOf(answer);
    const { status, service, path, upstream, headers, seconds, peer_cert: certificate, grpc_status: grpcStatus } = expected;
    if (status !== undefined) check('status', status, answer.status, [status].flat().includes(answer.status));
    if (service !== undefined) check('service', service, got?.service, got?.service === service);
    if (path !== undefined) check('path upstream', path, got?.path, got?.path === path);
    texts('upstream header', upstream, upstream && (got?.headers ?? undefined));
    texts('header', headers, answer.headers);
    if (seconds) check('seconds', seconds, answer.seconds, isWithin(answer.seconds, seconds));
    if (certificate !== undefined) check('certificate', certificate, answer.certificateName, answer.certificateName === certificate);
    if (grpcStatus !== undefined) check('status of gRPC', grpcStatus, answer.grpcStatus, answer.grpcStatus === grpcStatus);
    if (expected.udp_reply !== undefined) check('reply', expected.udp_reply, answer.body, answer.body === expected.udp_reply);
    if (expected.upstream_time_to_body) {
      check('seconds of the body upstream', expected.upstream_time_to_body, got?.bodySeconds, isWithin(got?.bodySeconds, expected.upstream_time_to_body));
    }
    if (expected.via_cluster_ip) check('endpoint', 'the cluster address', got?.endpoint, got?.endpoint.startsWith('127.0.99.') === true);
  }

  const total = outcome.answers.length;
  const services = counts(answers.map((answer) => outcome.receiptOf(answer)?.service));
  const endpoints = counts(answers.map((answer) => outcome.receiptOf(answer)?.endpoint));
  if (expected.dist) {
    const { dist, tol = 0 } = expected;
    const shares = Object.fromEntries([...services].map(([name, count]) => [name, count / total]));
    const names = new Set([...Object.keys(dist), ...Object.keys(shares)]);
    check(
      'shares',
      dist,
      shares,
      [...names].every((name) => Math.abs((shares[name] ?? 0) - (dist[name] ?? 0)) <= tol + 1e-9),
    );
  }
  const statuses = counts(answers.map(({ status }) => String(status)));
  for (const [status, range] of Object.entries(expected.statuses ?? {})) {
    check(`answers ${status}`, range, Object.fromEntries(statuses), isWithin(statuses.get(status) ?? 0, range));
  }
  if (expected.same_endpoint) check('endpoints', 1, Object.fromEntries(endpoints), endpoints.size === 1);
  if (expected.same_service) check('services', 1, Object.fromEntries(services), services.size === 1);
  if (expected.endpoints !== undefined) check('endpoints', expected.endpoints, Object.fromEntries(endpoints), endpoints.size === expected.endpoints);
  if (expected.each_endpoint_share) {
    const { each_endpoint_share: range } = expected;
    check(
      'share of each endpoint',
      range,
      Object.fromEntries(endpoints),
      [...endpoints.values()].every((count) => isWithin(count / total, range)),
    );
  }
  const asked = (isAuth: boolean) => outcome.receipts.filter(({ service }) => (service === 'auth') === isAuth);
  if (expected.upstream_calls !== undefined)
    check('calls upstream', expected.upstream_calls, asked(false).length, asked(false).length === expected.upstream_calls);
  if (expected.auth_calls_total !== undefined)
    check('calls of auth', expected.auth_calls_total, asked(true).length, asked(true).length === expected.auth_calls_total);
  if (expected.auth) receipt('of auth,', expected.auth, asked(true).at(-1));
  if (expected.mirrored)
    receipt(
      'mirrored',
      expected.mirrored,
      outcome.receipts.findLast(({ service }) => service === expected.mirrored?.service),
    );
  return [...lines];
}

function isText(wanted: string | null, got: string | undefined): boolean {
  if (wanted === null) return got === undefined;
  const [, source, flags] = /^\/(.*)\/(i?)$/s.exec(wanted) ?? [];
  // A path (`/x/`) is never expected of a header with slashes on both sides.
  return got !== undefined && (source === undefined ? got === wanted : new RegExp(source, flags).test(got));
}

function isWithin(value: number | undefined, [low, high]: readonly [number, number]): boolean {
  return value !== undefined && value >= low && value <= high;
}

function counts(values: readonly (string | undefined)[]): Map<string, number> {
  const map = new Map<string, number>();
  for (const value of values) map.set(value ?? 'none', (map.get(value ?? 'none') ?? 0) + 1);
  return map;
}
