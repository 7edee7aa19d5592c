import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { startStack } from './harness.ts';
import { grpcStream, http2, keepAlive, type LongLived, startEchoService, startWebSocketEcho, webSocket } from './long-lived.ts';
import { httpRouteYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const drainSeconds = 2;

interface Chain {
  readonly host: string;
  readonly secret: string;
}

/** HTTP, and HTTPS with a filter chain for each host. */
const gateway = (chains: readonly Chain[]): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: 80, protocol: HTTP}
${chains.map(({ host, secret }) => `    - {name: ${host.replace('.', '-')}, port: 443, protocol: HTTPS, hostname: ${host}, tls: {certificateRefs: [{name: ${secret}}]}}`).join('\n')}`;

const shopChain = { host: 'shop.test', secret: 'shop' };
const echoChain = { host: 'echo.test', secret: 'shop' };
const otherChain = { host: 'other.test', secret: 'other' };

interface Rule {
  readonly path: string;
  readonly backends: Readonly<Record<string, number>>;
  readonly name?: string;
}

function route(name: string, rules: readonly Rule[], hosts: readonly string[] = ['shop.test', 'other.test']): string {
  const texts = rules.map(({ path, backends, name: rule }) => {
    const references = Object.entries(backends).map(([service, weight]) => `{name: ${service}, port: 80, weight: ${weight}}`);
    return `{${rule === undefined ? '' : `name: ${rule}, `}matches: [{path: {type: PathPrefix, value: ${path}}}], backendRefs: [${references.join(', ')}]}`;
  });
  const yaml = httpRouteYaml(name, texts.join(', '));
  return yaml.replace('parentRefs:', `hostnames: [${hosts.join(', ')}]\n  parentRefs:`);
}

const echoRoute = (hosts: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: echo}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [${hosts}]
  rules: [{backendRefs: [{name: echo, port: 80}]}]`;

const retries = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  retries: {count: 5}`;

const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: old}
spec:
  rules: [{host: old.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]`;

test('edits under load: no request fails, no connection is closed, no stream ends', async () => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  await using c = await startHttpBackend('c');
  await using echo = await startEchoService();
  await using sockets = await startWebSocketEcho();
  const web: Rule = { path: '/web', backends: { a: 90, b: 10 } };
  const socketRule: Rule = { path: '/socket', backends: { sockets: 1 } };
  const secrets = { shop: await tlsSecretYaml('shop', ['shop.test']), other: await tlsSecretYaml('other', ['other.test']) };
  await using stack = await startStack({
    drainSeconds,
    objects: {
      'gateway.yaml': gateway([shopChain, echoChain]),
      'shop-secret.yaml': secrets.shop,
      'a.yaml': serviceYaml('a', [a.port]),
      'services.yaml': [serviceYaml('b', [b.port]), serviceYaml('sockets', [sockets.port]), serviceYaml('echo', [echo.port])].join('\n---'),
      'shop.yaml': route('shop', [web, socketRule]),
      'echo.yaml': echoRoute('echo.test'),
    },
  });
  await waitFor(
    'all is served',
    async () =>
      (await stack.http('/web', { headers: { host: 'shop.test' } })).status === 200 &&
      (await stack.https('/web', { headers: { host: 'shop.test' } })).status === 200,
  );
  const clusters = () => Promise.all(['modified', 'removed'].map((what) => stack.stat(`cluster_manager.cluster_${what}`)));
  const before = await clusters();
  const clients: Readonly<Record<string, LongLived>> = {
    'HTTP/1.1': keepAlive(stack.httpPort, '/web', 'shop.test'),
    'HTTP/1.1 by TLS': keepAlive(stack.httpsPort, '/web', 'shop.test', 'shop.test'),
    'HTTP/2 by TLS': http2(stack.httpsPort, '/web', 'shop.test'),
    'gRPC stream': grpcStream(stack.httpPort, 'echo.test'),
    'gRPC stream by TLS': grpcStream(stack.httpsPort, 'echo.test', true),
    WebSocket: await webSocket(stack.httpPort, '/socket', 'shop.test'),
    'WebSocket by TLS': await webSocket(stack.httpsPort, '/socket', 'shop.test', 'shop.test'),
  };
  let edit = 0;
  /** Saves a file and waits until it is in force, by a route that comes with it. */
  const save = async (name: string, ...texts: readonly string[]): Promise<void> => {
    edit++;
    await stack.write(name, [...texts, route('marker', [{ path: `/marker-${edit}`, backends: { a: 1 } }])].join('\n---'));
    await waitFor(`edit ${edit} is in force`, async () => (await stack.http(`/marker-${edit}`, { headers: { host: 'shop.test' } })).body === 'a');
  };
  await sleep(500);
  for (const weight of [50, 0, 100, 10]) await save('shop.yaml', route('shop', [{ ...web, backends: { a: 100 - weight, b: weight } }, socketRule]));
  await save('shop.yaml', route('shop', [socketRule, web]));
  await save(
    'shop.yaml',
    route('shop', [
      { ...web, name: 'web' },
      { ...socketRule, name: 'sockets' },
    ]),
  );
  await save('shop.yaml', route('store', [web, socketRule]));
  await save('shop.yaml', route('web', [web]), route('sockets', [socketRule]));
  await save('shop.yaml', route('shop', [web, socketRule]), retries);
  await save('shop.yaml', route('shop', [web, socketRule]), route('more', [{ path: '/', backends: { b: 1 } }], ['more.test']), ingress);
  assert.equal((await stack.http('/', { headers: { host: 'more.test' } })).body, 'b');
  assert.equal((await stack.http('/', { headers: { host: 'old.test' } })).body, 'a');
  await save('shop.yaml', route('shop', [web, socketRule]));
  // Endpoints come and go.
  await stack.write('a.yaml', serviceYaml('a', [a.port, c.port]));
  await waitFor('c is asked', () => c.count() > 0);
  await stack.write(
    'a.yaml',
    serviceYaml('a', [a.port])
      .replace('kind: Service\n', 'kind: Service\n# touched\n')
      .replace('metadata: {name: a,', 'metadata: {name: a, labels: {team: shop},'),
  );
  await waitFor('c is asked no more', async () => {
    const count = c.count();
    await sleep(200);
    return c.count() === count;
  });
  // A certificate is replaced, and a host with one of its own comes and goes.
  await stack.write('shop-secret.yaml', await tlsSecretYaml('shop', ['shop.test', 'renewed.test']));
  await waitFor('the new certificate is shown', async () =>
    (await stack.https('/web', { headers: { host: 'shop.test' } })).certificate?.subjectaltname?.includes('renewed.test'),
  );
  await stack.write('other.yaml', secrets.other);
  await stack.write('gateway.yaml', gateway([shopChain, echoChain, otherChain]));
  await waitFor('the other host is served', async () => (await stack.https('/web', { headers: { host: 'other.test' } })).status === 200);
  await stack.write('gateway.yaml', gateway([shopChain, echoChain]));
  await waitFor('the other host is gone', () =>
    stack.https('/web', { headers: { host: 'other.test' } }).then(
      () => false,
      () => true,
    ),
  );
  await stack.remove('other.yaml');
  // A stream goes on after its route is gone; a new one finds none.
  await stack.write('echo.yaml', echoRoute('elsewhere.test'));
  await waitFor('the route of the stream is gone', async () => (await stack.http('/', { headers: { host: 'echo.test' } })).status === 404);
  // Whatever is drained is closed by now.
  await sleep((drainSeconds + 1) * 1000);
  await waitFor('each has sent enough', () => Object.values(clients).every((client) => client.sent() > 200));
  const results = await Promise.all(Object.entries(clients).map(async ([kind, client]) => ({ kind, ...(await client.stop()) })));
  for (const { kind, failures, closed } of results) assert.deepEqual([failures.length, failures.slice(0, 5), closed], [0, [], 0], kind);
  assert.deepEqual(await clusters(), before);
});

test('what does close connections: a setting of the listener itself', async () => {
  await using a = await startHttpBackend('a');
  const config = (format: string): string => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: edge}
spec: {accessLog: {format: ${format}}}`;
  const withConfig = gateway([]).replace(
    '  listeners:',
    '  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: edge}}\n  listeners:',
  );
  await using stack = await startStack({
    drainSeconds,
    objects: {
      'gateway.yaml': withConfig,
      'config.yaml': config('json'),
      'a.yaml': serviceYaml('a', [a.port]),
      'shop.yaml': route('shop', [{ path: '/', backends: { a: 1 } }]),
    },
  });
  const client = keepAlive(stack.httpPort, '/', 'shop.test');
  await sleep(300);
  await stack.write('config.yaml', config('text'));
  await waitFor(
    'the listener changed',
    async () => (await stack.stat('listener_manager.listener_in_place_updated')) + (await stack.stat('listener_manager.listener_modified')) > 0,
  );
  await sleep((drainSeconds + 1) * 1000);
  const { failures, closed } = await client.stop();
  // It is told so with an answer, so that nothing is lost.
  assert.deepEqual(failures, []);
  assert.ok(closed > 0);
});

test('a policy changes its cluster: requests go on by new connections, and what is open goes on by the old ones', async () => {
  await using a = await startHttpBackend('a');
  await using echo = await startEchoService();
  await using sockets = await startWebSocketEcho();
  const policies = (connect: string): string =>
    ['a', 'echo', 'sockets']
      .map(
        (name) => `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: ${name}}
spec: {targetRefs: [{group: "", kind: Service, name: ${name}}], timeouts: {connect: ${connect}}}`,
      )
      .join('\n---');
  const services = [serviceYaml('a', [a.port]), serviceYaml('sockets', [sockets.port]), serviceYaml('echo', [echo.port])];
  await using stack = await startStack({
    objects: {
      'all.yaml': [
        gateway([]),
        ...services,
        route('shop', [
          { path: '/web', backends: { a: 1 } },
          { path: '/socket', backends: { sockets: 1 } },
        ]),
        echoRoute('echo.test'),
      ].join('\n---'),
      'policies.yaml': policies('1s'),
    },
  });
  const clients: Readonly<Record<string, LongLived>> = {
    'HTTP/1.1': keepAlive(stack.httpPort, '/web', 'shop.test'),
    'gRPC stream': grpcStream(stack.httpPort, 'echo.test'),
    WebSocket: await webSocket(stack.httpPort, '/socket', 'shop.test'),
  };
  await sleep(500);
  const connections = () => stack.stat('cluster.default/a/80.upstream_cx_total');
  const before = await connections();
  await stack.write('policies.yaml', policies('2s'));
  await waitFor('the clusters are changed', async () => (await stack.stat('cluster_manager.cluster_modified')) === 3);
  await waitFor('there are new connections', async () => (await connections()) > before);
  await sleep(500);
  const results = await Promise.all(Object.entries(clients).map(async ([kind, client]) => ({ kind, ...(await client.stop()) })));
  for (const { kind, failures, closed } of results) assert.deepEqual([failures, closed], [[], 0], kind);
});
