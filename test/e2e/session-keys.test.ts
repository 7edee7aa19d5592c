import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { patienceMs, waitFor } from './wait.ts';

const keysHeader = 'x_sluice_session_keys';
const value = '6f2d6c1f0a4b4d0e9f3a';
const secretYaml = `
apiVersion: v1
kind: Secret
metadata: {name: sluice-session}
stringData: {key: ${value}}`;
const policyYaml = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: sessions}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  sessionAffinity: {header: x-session}`;

/** Three backends, a policy with sessions by a header, and folders that go with it. */
async function startShop(stack: AsyncDisposableStack, secret: boolean, keyFile: boolean) {
  const backends = await Promise.all(['a', 'b', 'c'].map((name) => startHttpBackend(name)));
  for (const backend of backends) stack.use(backend);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const stateDir = join(folder, 'state');
  const stateKeyFile = join(folder, 'key');
  writeFileSync(stateKeyFile, 'ab'.repeat(32));
  const service = serviceYaml(
    'web',
    backends.map(({ port }) => port),
  );
  const objects = { 'all.yaml': [gatewayYaml, routeYaml('shop', { web: 1 }), service, policyYaml, ...(secret ? [secretYaml] : [])].join('\n---') };
  const shop = stack.use(await startStack({ objects, state: { stateDir, ...(keyFile && { stateKeyFile }) } }));
  return { shop, backends, stateDir };
}

/** The backend that answers, and the token that it gives. */
async function ask(shop: Stack, token?: string, more: Record<string, string> = {}) {
  const { status, body, headers } = await shop.http('/', { headers: { ...(token === undefined ? {} : { 'x-session': token }), ...more } });
  assert.equal(status, 200);
  const given = String(headers['x-session'] ?? '');
  assert.match(given, /^[0-9a-f]{32,}$/);
  return { backend: body, token: given };
}

/** Whether each of some sessions is where it was, a few times over. */
async function assertKept(shop: Stack, visits: readonly { readonly backend: string; readonly token: string }[], more?: Record<string, string>): Promise<void> {
  for (let round = 0; round < 3; round++) assert.deepEqual(await Promise.all(visits.map(({ token }) => ask(shop, token, more))), visits);
}

/** An answer with what is encoded in it. */
function opened(body: string): string {
  return `${body} ${[...body.matchAll(/"bytes":"([^"]*)"/g)].map(([, bytes = '']) => Buffer.from(bytes, 'base64').toString('latin1')).join(' ')}`;
}

/** The content of a file of the state folder, as far as it is packed. */
function inflated(file: Buffer): string {
  const content = file.subarray(file.indexOf('\n') + 1);
  try {
    return opened(inflateSync(content).toString('latin1'));
  } catch {
    // It is not packed.
    return file.toString('latin1');
  }
}

async function restartServer(shop: Stack): Promise<void> {
  await shop.stopServer();
  await shop.startServer();
  await waitFor('the Envoy is back', () => shop.server().ads.nodes().length === shop.envoys.length);
}

test('keys of sessions reach Envoys alone: no backend, no answer, no file and no log has one', async () => {
  await using stack = new AsyncDisposableStack();
  const { shop, backends, stateDir } = await startShop(stack, true, false);
  const first = await Promise.all(Array.from({ length: 12 }, () => ask(shop)));
  await assertKept(shop, first);
  // A client that brings keys of its own changes nothing, and its backend does not see them either.
  await assertKept(shop, first, { [keysHeader]: `;default=${'0'.repeat(32)};` });
  for (const { seen } of backends) assert.ok(seen.length > 0 && seen.every(({ headers }) => headers[keysHeader] === undefined));

  await restartServer(shop);
  await assertKept(shop, first);
  await shop.envoys[0]?.stop();
  const envoy = await shop.startEnvoy('default');
  await envoy.ready(patienceMs);
  await assertKept(shop, first);

  const key = hash('sha256', `sluice session ${value}`, 'hex').slice(0, 32);
  const admin = Number(shop.server().adminAddress.split(':').at(-1));
  const paths = ['snapshot', 'history', 'config', 'diagnostics', 'resources/secrets', 'resources/routes', 'resources/listeners', 'status', 'snapshot/encoded'];
  const answers = await Promise.all(paths.map((path) => http(admin, `/api/v1/${path}`)));
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
  const shown = [...answers.map(({ body }) => opened(body)), (await http(Number(envoy.adminAddress.split(':').at(-1)), '/config_dump')).body, await shop.log()];
  const stored = readdirSync(stateDir, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [inflated(readFileSync(join(entry.parentPath, entry.name)))] : [],
  );
  // The texts are what they seem to be: each of these has the routes that would hold a key.
  for (const text of [shown[0], shown.at(-2), stored.join('')]) assert.ok(text?.includes(keysHeader));
  for (const text of [...shown, ...stored]) assert.ok(!text.includes(key), text.slice(0, 200));
});

test('without a Secret sessions are kept by a key that Sluice makes, over a restart where the state folder has a key', async () => {
  await using stack = new AsyncDisposableStack();
  const [made, kept] = [await startShop(stack, false, false), await startShop(stack, false, true)];
  for (const { shop } of [made, kept]) {
    const first = await Promise.all(Array.from({ length: 12 }, () => ask(shop)));
    await assertKept(shop, first);
    const told = shop
      .server()
      .engine.diagnostics()
      .filter(({ code }) => code === 'SessionKeyGenerated');
    assert.deepEqual(
      told.map(({ severity }) => severity),
      ['info'],
    );
    await restartServer(shop);
    if (shop === kept.shop) {
      await assertKept(shop, first);
      continue;
    }
    await waitFor('there is another key', async () => {
      const tokens = await Promise.all(Array.from({ length: 12 }, () => ask(shop)));
      return tokens.every(({ token }) => first.every((before) => before.token !== token));
    });
  }
});
