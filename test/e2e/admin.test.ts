import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { defaultSettings } from '../../src/settings.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Answer, http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

// Neither is a key that anyone could use, and neither may be repeated in any message.
const marker = 'MARKER-OF-A-KEY';
const unusable = `
apiVersion: v1
kind: Secret
metadata: {name: unusable}
type: kubernetes.io/tls
stringData: {tls.crt: ${marker}-ONE, tls.key: ${marker}-TWO}
---
apiVersion: v1
kind: Secret
metadata: {name: wrong}
type: kubernetes.io/tls
data: {tls.key: [${marker}-THREE]}
dta: ${marker}-FOUR
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: unusable}
spec:
  gatewayClassName: sluice
  listeners: [{name: https, port: 443, hostname: unusable.example.com, protocol: HTTPS, tls: {certificateRefs: [{name: unusable}]}}]`;

let backend: HttpBackend;
let stack: Stack;
let key: string;

before(async () => {
  backend = await startHttpBackend('v1');
  const pair = await selfSigned(['localhost', 'shop.example.com'], Date.now());
  key = pair.key;
  const shop = [secureGatewayYaml, serviceYaml('shop', [backend.port]), routeYaml('shop', { shop: 1 })].join('\n---');
  stack = await startStack({ objects: { 'shop.yaml': shop, 'secret.yaml': tlsSecret('shop', pair), 'unusable.yaml': unusable } });
});
after(async () => {
  await stack?.close();
  await backend?.close();
});

const adminPort = (server: Server): number => Number(server.adminAddress.split(':')[1]);
const ask = (path: string, headers: Record<string, string> = {}): Promise<Answer> => http(adminPort(stack.server()), path, { headers });
const json = async (path: string) => JSON.parse((await ask(path)).body);

test('the probes say that all is well', async () => {
  assert.deepEqual(await ask('/healthz').then(({ status, body }) => [status, body]), [200, 'ok']);
  assert.deepEqual(await ask('/readyz').then(({ status, body }) => [status, body]), [200, 'ready']);
});

test('status tells when the Envoy has everything', async () => {
  const node = await waitFor('every type acknowledged', async () => {
    const [found] = (await json('/api/v1/status')).nodes;
    return found?.revisionAcked !== undefined && found.revisionAcked === found.revisionWanted ? found : undefined;
  });
  assert.equal(node.id, 'envoy-0');
  assert.equal(node.group, 'default');
  assert.match(node.agent, /^envoy 1\./);
  for (const type of ['listeners', 'routes', 'clusters', 'endpoints', 'secrets']) assert.equal(node.types[type]?.state, 'ACKED', type);
});

test('an object is followed to the Envoy that has it', async () => {
  await waitFor('acknowledged', async () => {
    const { groups, accepted } = await json('/api/v1/why/httproute/shop');
    assert.equal(accepted, true);
    assert.deepEqual(groups[0].nodes, [{ id: 'envoy-0', state: 'ACKED' }]);
    assert.ok(groups[0].resources.some((resource: { type: string; name: string }) => resource.type === 'routes' && resource.name === 'default/80'));
    return true;
  });
});

test('a request is explained by what is served', async () => {
  const response = await fetch(`http://${stack.server().adminAddress}/api/v1/explain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'GET', url: `http://localhost:${stack.httpPort}/x` }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(text, /default\/shop\/80/);
});

test('the metrics count what the Envoy did', async () => {
  const { body, headers } = await ask('/metrics');
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
  const value = (name: string): number =>
    Number(
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1),
    );
  assert.equal(value('sluice_streams{group="default",protocol="delta"}'), 1);
  assert.ok(value('sluice_acks_total{type="clusters"}') >= 1);
  assert.ok(value('sluice_pushes_total{type="routes"}') >= 1);
  assert.ok(value('sluice_push_bytes_total{type="routes"}') > 100);
  assert.ok(value('sluice_build_seconds_count') >= 1);
  assert.match(body, /^sluice_source_ready\{source="[^"]+"\} 1$/m);
  assert.match(body, /^process_cpu_seconds_total /m);
});

test('an endpoint event is timed until its ACK', async () => {
  const count = async () => Number(/^sluice_endpoint_ack_seconds_count (\d+)$/m.exec((await ask('/metrics')).body)?.[1]);
  const counted = await count();
  const other = await startHttpBackend('v1b');
  try {
    await stack.write('more.yaml', serviceYaml('shop', [other.port]).split('\n---').at(-1) ?? '');
    await waitFor('an ACK of the endpoints', async () => (await count()) > counted);
  } finally {
    await stack.remove('more.yaml');
    await other.close();
  }
});

test('no value of a secret appears anywhere', async () => {
  const paths = ['status', 'snapshot', 'diagnostics', 'config', 'why/secret/shop', 'why/secret/unusable', 'why/secret/wrong', 'why/gateway/unusable'];
  const types = ['listeners', 'routes', 'clusters', 'endpoints', 'secrets'].map((type) => `resources/${type}`);
  const answers = await Promise.all([...paths, ...types].map((path) => ask(`/api/v1/${path}`)));
  const everything = [...answers.map(({ body }) => body), (await ask('/metrics')).body, await stack.log()].join('\n');
  const secretLines = key.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  assert.ok(secretLines.length > 0);
  for (const line of [...secretLines, marker, Buffer.from(key).toString('base64'), Buffer.from(marker).toString('base64').slice(0, -2)]) {
    assert.ok(!everything.includes(line), `${line.slice(0, 20)} appears`);
  }
  const secrets = await json('/api/v1/resources/secrets');
  assert.match(secrets.rows[0].certificates[0].fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.deepEqual(secrets.rows[0].certificates[0].names.slice(0, 2), ['DNS:localhost', 'DNS:shop.example.com']);
});

test('pages of strangers are refused on loopback', async () => {
  for (const headers of [{ host: 'rebound.example.com' }, { origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }] as Record<
    string,
    string
  >[]) {
    for (const path of ['/api/v1/status', '/metrics', '/readyz']) {
      const { status, body } = await ask(path, headers);
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(JSON.parse(body).error.code, 'Forbidden');
    }
  }
  assert.equal((await ask('/api/v1/status', { host: `localhost:${adminPort(stack.server())}` })).status, 200);
});

const quiet = pino({ level: 'silent' });

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-admin-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const start = (folder: string, more: Partial<Parameters<typeof startServer>[0]> = {}): Promise<Server> =>
  startServer({ config: [folder], xdsAddress: '127.0.0.1:0', adminAddress: '127.0.0.1:0', settings: defaultSettings, log: quiet, ...more });

test('with a token every call but those of the probes needs it', async () => {
  await withFolder(async (folder) => {
    const server = await start(folder, { adminToken: 'secret-token' });
    try {
      const status = async (path: string, authorization?: string) =>
        (await http(adminPort(server), path, { headers: authorization === undefined ? {} : { authorization } })).status;
      assert.equal(await status('/api/v1/status'), 401);
      assert.equal(await status('/metrics'), 401);
      assert.equal(await status('/api/v1/status', 'Bearer wrong'), 401);
      assert.equal(await status('/api/v1/status', 'Bearer secret-token'), 200);
      assert.equal(await status('/healthz'), 200);
    } finally {
      await server.stop();
    }
  });
});

test('beyond loopback the server refuses to start without a token', async () => {
  await withFolder(async (folder) => {
    for (const adminAddress of ['0.0.0.0:0', '[::]:0', 'somewhere.example.com:0']) {
      await assert.rejects(start(folder, { adminAddress }), /token is needed.*--admin-token-file/, adminAddress);
    }
  });
});

test('until a source has listed the server is not ready and says which one is missing', async () => {
  await withFolder(async (parent) => {
    const missing = join(parent, 'later');
    const server = await start(missing);
    try {
      const before = await http(adminPort(server), '/readyz');
      assert.equal(before.status, 503);
      assert.match(before.body, new RegExp(`waiting for .*${missing}`));
      assert.equal((await http(adminPort(server), '/healthz')).status, 200);
      await mkdir(join(parent, 'new'));
      await writeFile(join(parent, 'new', 'shop.yaml'), secureGatewayYaml);
      await rename(join(parent, 'new'), missing);
      await waitFor('ready', async () => (await http(adminPort(server), '/readyz')).status === 200);
    } finally {
      await server.stop();
    }
  });
});
