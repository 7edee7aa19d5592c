import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { type Collector, type Span, startCollector } from './otlp-collector.ts';
import { assertShare, patienceMs, waitFor } from './wait.ts';

type Words = Readonly<Record<string, string>>;

const ingress = (path: string, annotations: Words = {}): string =>
  ingressYaml(`shop-${path.slice(1) || 'all'}`, annotations, { service: 'shop', host: 'shop.example', path });

const settings = (data: Words): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: ${JSON.stringify(data)}`;

/** The context of a client. */
function context(flag: '00' | '01') {
  const [trace, id] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { trace, id, text: `00-${trace}-${id}-${flag}` };
}

suite('spans of Ingresses', () => {
  let backend: HttpBackend;
  let collector: Collector;
  let stack: Stack;

  const objects = (given: Words, ...more: readonly string[]): string =>
    [
      serviceYaml('shop', [backend.port]),
      settings({ 'otlp-collector-host': '127.0.0.1', 'otlp-collector-port': String(collector.port), 'otel-service-name': 'edge', ...given }),
      ingress('/'),
      ingress('/off', { 'enable-opentelemetry': 'false' }),
      ...more,
    ].join('\n---');

  before(async () => {
    backend = await startHttpBackend('shop');
    collector = await startCollector();
    stack = await startStack({
      objects: {
        'all.yaml': objects(
          { 'enable-opentelemetry': 'true' },
          ingress('/named', { 'enable-opentelemetry': 'true', 'opentelemetry-operation-name': 'checkout' }),
          ingress('/own', { 'enable-opentelemetry': 'true', 'opentelemetry-trust-incoming-span': 'false' }),
        ),
      },
    });
  });
  after(async () => {
    await stack?.close();
    await collector?.[Symbol.asyncDispose]();
    await backend?.close();
  });

  /** What the backend got of the context. */
  async function ask(
    path: string,
    headers: Words = {},
  ): Promise<{ readonly trace: string; readonly id: string; readonly flag: string; readonly state: string }> {
    assert.equal((await stack.http(path, { headers: { host: 'shop.example', ...headers } })).status, 200);
    const got = backend.seen.at(-1)?.headers ?? {};
    const [, trace = '', id = '', flag = ''] = String(got['traceparent'] ?? '').split('-');
    return { trace, id, flag, state: String(got['tracestate'] ?? '') };
  }

  /** The only span of a path. Envoy sends what it has every five seconds. */
  const spanOf = (path: string): Promise<Span> =>
    waitFor(`a span of ${path}`, async () => {
      const found = collector.spans.filter(({ attributes }) => attributes['http.target'] === path);
      assert.equal(found.length, 1);
      return found[0] as Span;
    });
  const hasSpan = (path: string): boolean => collector.spans.some(({ attributes }) => attributes['http.target'] === path);

  test('a request has a span, a parent where it names one, and the backend is told of it', async () => {
    const [recorded, unrecorded, broken] = [context('01'), context('00'), '00-junk-01'];
    const root = await ask('/root?n=1', { 'user-agent': 'curl' });
    const child = await ask('/child', { traceparent: recorded.text, tracestate: 'vendor=1' });
    const silent = await ask('/silent', { traceparent: unrecorded.text });
    const junk = await ask('/junk', { traceparent: broken });
    const short = await ask('/short', { 'x-request-id': 'short' });

    const span = await spanOf('/root?n=1');
    assert.deepEqual([span.service, span.name, span.kind, span.parent], ['edge', '/', 'SPAN_KIND_SERVER', '']);
    assert.deepEqual(root, { trace: span.trace, id: span.id, flag: '01', state: '' });
    const said = ['http.method', 'http.host', 'http.scheme', 'http.user_agent', 'http.status_code', 'net.peer.ip'].map((name) => span.attributes[name]);
    assert.deepEqual(said, ['GET', 'shop.example', 'http', 'curl', '200', '127.0.0.1']);

    const second = await spanOf('/child');
    assert.deepEqual([second.trace, second.parent, second.state], [recorded.trace, recorded.id, 'vendor=1']);
    assert.deepEqual(child, { trace: recorded.trace, id: second.id, flag: '01', state: 'vendor=1' });

    assert.deepEqual([silent.trace, silent.flag, silent.id === unrecorded.id], [unrecorded.trace, '00', false]);
    assert.deepEqual([hasSpan('/silent'), hasSpan('/junk')], [false, false]);
    assert.notEqual(junk.trace, 'junk');
    // An id of the client in another form than ours does not decide.
    assert.equal((await spanOf('/short')).id, short.id);
  });

  test('a location without spans hands on what the client says, whatever that is', async () => {
    const recorded = context('01');
    assert.deepEqual(await ask('/off/a', { traceparent: recorded.text, tracestate: 'vendor=1' }), { ...recordedOf(recorded), state: 'vendor=1' });
    assert.deepEqual(await ask('/off/b'), { trace: '', id: '', flag: '', state: '' });
    await ask('/after-off');
    await spanOf('/after-off');
    assert.deepEqual([hasSpan('/off/a'), hasSpan('/off/b')], [false, false]);
  });

  test('an Ingress names its spans, and one that does not trust its clients draws itself', async () => {
    const unrecorded = context('00');
    await ask('/named/x');
    const own = await ask('/own/x', { traceparent: unrecorded.text });
    assert.equal((await spanOf('/named/x')).name, 'checkout');
    const span = await spanOf('/own/x');
    assert.deepEqual(own, { trace: span.trace, id: span.id, flag: '01', state: '' });
  });

  test('locations come and go without a change of the listener', async () => {
    const changes = async (): Promise<number> =>
      (await stack.stat('listener_manager.listener_modified')) + (await stack.stat('listener_manager.listener_in_place_updated'));
    const [before, routes] = [await changes(), await stack.stat('http.default/80.rds.default/80.config_reload')];
    await stack.write('all.yaml', objects({ 'enable-opentelemetry': 'true' }, ingress('/late', { 'enable-opentelemetry': 'false' })));
    await waitFor('the new routes', async () => (await stack.stat('http.default/80.rds.default/80.config_reload')) > routes);
    await stack.write('all.yaml', objects({}, ingress('/late', { 'enable-opentelemetry': 'true' })));
    await waitFor('spans of /late alone', async () => {
      const [late, all] = [await ask('/late/on'), await ask('/again')];
      return late.flag === '01' && all.flag === '';
    });
    assert.equal(await changes(), before);
  });

  test('of a share the parent decides, and else the draw', async () => {
    await stack.write('all.yaml', objects({ 'enable-opentelemetry': 'true', 'otel-sampler': 'TraceIdRatioBased', 'otel-sampler-ratio': '0.25' }));
    await waitFor('the other sampler', async () => (await ask('/wait')).flag === '00');
    let drawn = 0;
    for (let n = 0; n < 400; n++) drawn += (await ask(`/drawn?n=${n}`)).flag === '01' ? 1 : 0;
    assertShare(drawn, 400, 0.25, 'recorded');
    // The beginning of an id decides, here of clients that choose it.
    const flagOf = async (id: string): Promise<string> => (await ask('/chosen', { 'x-request-id': `${id}-0000-4000-8000-000000000000` })).flag;
    assert.deepEqual([await flagOf('00000000'), await flagOf('3fffffff'), await flagOf('40000000'), await flagOf('ffffffff')], ['01', '01', '00', '00']);
    // Without such a beginning the millisecond does: the first quarter of each second is recorded.
    const decided = { '00': 0, '01': 0 };
    const until = performance.now() + patienceMs;
    for (let n = 0; decided['00'] < 20 || decided['01'] < 20; n++) {
      assert.ok(performance.now() < until, `only ${JSON.stringify(decided)} in ${n} requests`);
      const from = Date.now();
      const { flag } = await ask('/timed', { 'x-request-id': `z${n}` });
      const expected = flagBetween(from, Date.now());
      if (!expected) continue;
      assert.equal(flag, expected, `of a request between ${from} and now, ${Date.now()}`);
      decided[expected] += 1;
    }
    const recorded = context('01');
    assert.equal((await ask('/drawn-child', { traceparent: recorded.text })).flag, '01');
    await spanOf('/drawn-child');
    const sent = collector.spans.filter(({ attributes }) => attributes['http.target']?.startsWith('/drawn?')).length;
    assert.equal(sent, drawn, 'what backends hear is what was recorded');
    assert.ok(Math.max(...collector.batches) > 5, 'spans are sent together');
  });

  test('clients that are not trusted begin no trace', async () => {
    await stack.write('all.yaml', objects({ 'enable-opentelemetry': 'true', 'opentelemetry-trust-incoming-span': 'false' }));
    const unrecorded = context('00');
    const given = { traceparent: unrecorded.text, tracestate: 'vendor=1' };
    await waitFor('traces of our own', async () => {
      const { trace, flag, state } = await ask('/distrusted', given);
      return trace !== unrecorded.trace && flag === '01' && state === '';
    });
    assert.deepEqual(await ask('/off/c', given), { trace: '', id: '', flag: '', state: '' });
  });
});

/** What the time of a request decides that came between two moments; undefined where it came near to a turn. */
function flagBetween(from: number, to: number): '00' | '01' | undefined {
  const marginMs = 3;
  const [first, last] = [(from % 1000) - marginMs, (from % 1000) + (to - from) + marginMs];
  if (first >= 0 && last < 250) return '01';
  return first >= 250 && last < 1000 ? '00' : undefined;
}

function recordedOf({ trace, id }: ReturnType<typeof context>) {
  return { trace, id, flag: '01' };
}
