import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { parseAddress } from '../../src/address.ts';
import type { HistoryAnswer } from '../../src/admin/api/history.ts';
import { createChildren } from '../../src/launch/children.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import type { GroupPlan } from '../../src/revision/plan.ts';
import { defaultSettings } from '../../src/settings.ts';
import { smallDisk } from '../small-disk.ts';
import { startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { startLoad } from './load.ts';
import { gatewayYaml, routeYaml, secureGatewayYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { type RunningCommand, sluice, startSluice, untilReady } from './sluice.ts';
import { waitFor } from './wait.ts';

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command against a server. */
async function ask(admin: string, ...words: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await sluice([...words, '--server', `http://${admin}`]);
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}
const askJson = async <Answer>(admin: string, ...words: readonly string[]): Promise<Answer> => JSON.parse(await ask(admin, ...words, '-o', 'json')) as Answer;

const adminOf = (stack: Stack): string => stack.server().adminAddress;

test('what happened is told, and what a folder would do is what it then does', async (t) => {
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const services = [serviceYaml('a', [a.port]), serviceYaml('b', [b.port])];
  const objects = (weights: Readonly<Record<string, number>>): string => [gatewayYaml, routeYaml('shop', weights), ...services].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': objects({ a: 90, b: 10 }) } });

  const planned = temporary(t);
  cpSync(stack.folder, planned, { recursive: true });
  assert.match(await ask(adminOf(stack), 'plan', planned, '--exit-code'), /^group default: nothing differs/);
  writeFileSync(join(planned, 'all.yaml'), objects({ b: 1 }));
  const { groups } = await askJson<{ groups: readonly GroupPlan[] }>(adminOf(stack), 'plan', planned);
  const [plan] = groups;
  assert.deepEqual(
    plan?.consequences.moved.map(({ share }) => share),
    [0.9],
  );
  assert.deepEqual(plan?.consequences.removedClusters, ['default/a/80']);

  await stack.write('all.yaml', objects({ b: 1 }));
  await waitFor('the change is served', () => stack.server().engine.snapshot('default')?.revision === plan?.to);
  const history = await askJson<HistoryAnswer>(adminOf(stack), 'history');
  assert.deepEqual(
    history.revisions.map(({ revision, parent }) => [revision, parent]),
    [
      [plan?.to, plan?.from],
      [plan?.from, undefined],
    ],
  );
  assert.equal(history.served, plan?.to);
  assert.deepEqual(
    history.revisions[0]?.cause.map(({ object, change }) => `${object} ${change}`),
    ['HTTPRoute default/shop changed'],
  );
  const diff = await askJson<GroupPlan>(adminOf(stack), 'diff');
  // The same but for the folders that the objects are in.
  const routes = (of: GroupPlan | undefined) => of?.diff.routes.map(({ origins: _, ...route }) => route);
  assert.deepEqual([diff.from, diff.to, routes(diff)], [plan?.from, plan?.to, routes(plan)]);
  assert.match(await ask(adminOf(stack), 'diff', '--raw'), /^--- clusters default\/a\/80\n\+\+\+ \/dev\/null\n/);
});

/** `sluice serve` as a process of its own, which can be killed. */
async function serve(folder: string, stateDir: string, xds: number, admin: number): Promise<RunningCommand> {
  const running = startSluice(['serve', '-c', folder, '--state-dir', stateDir, '--xds-address', `127.0.0.1:${xds}`, '--admin-address', `127.0.0.1:${admin}`]);
  await untilReady(running, admin);
  return running;
}

test('the history outlives a server that is killed, and the next one goes on with it', async (t) => {
  const [folder, state] = [temporary(t), join(temporary(t), 'state')];
  const [xds, admin] = [await freePort(), await freePort()];
  const write = (weights: Readonly<Record<string, number>>) =>
    writeFileSync(join(folder, 'all.yaml'), [gatewayYaml, routeYaml('shop', weights), serviceYaml('a', [1]), serviceYaml('b', [2])].join('\n---'));
  const list = async () => (await askJson<HistoryAnswer>(`127.0.0.1:${admin}`, 'history')).revisions;
  write({ a: 1 });
  const first = await serve(folder, state, xds, admin);
  t.after(() => first.child.kill('SIGKILL'));
  write({ a: 1, b: 1 });
  await waitFor('a second revision', async () => (await list()).length === 2);
  const before = await list();
  await waitFor('it is written', () => globSync('groups/default/revisions/*', { cwd: state }).length === 2);
  first.child.kill('SIGKILL');
  await first.ended;
  write({ b: 1 });
  const second = await serve(folder, state, xds, admin);
  t.after(() => second.child.kill('SIGKILL'));
  const after = await list();
  assert.deepEqual(
    after.map(({ revision }) => revision).slice(1),
    before.map(({ revision }) => revision),
  );
  assert.equal(after[0]?.parent, before[0]?.revision);
  const diff = await askJson<GroupPlan>(`127.0.0.1:${admin}`, 'diff', 'previous', 'served');
  assert.deepEqual(diff.consequences.removedClusters, ['default/a/80']);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).status, 0);
  assert.equal(existsSync(join(state, 'lock')), false);
});

test('while the disk of the state folder is full everything is served, and it is told', async () => {
  using disk = smallDisk(64);
  writeFileSync(join(disk.path, 'filler'), randomBytes(64 * 1024 - 8192));
  await using a = await startHttpBackend('a');
  await using b = await startHttpBackend('b');
  const objects = (port: number, path: string): string => [gatewayYaml, routeYaml('shop', { shop: 1 }, path), serviceYaml('shop', [port])].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': objects(a.port, '/') }, state: { stateDir: join(disk.path, 'state') } });
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`http://${adminOf(stack)}/metrics`)).text())?.[1]);
  await waitFor('the disk is full', async () => (await metric('sluice_history_write_failures_total')) > 0);
  assert.ok(
    stack
      .server()
      .engine.diagnostics()
      .some(({ code, message }) => code === 'StateUnwritable' && /ENOSPC/.test(message)),
  );
  await using traffic = startLoad({ port: stack.httpPort, rate: 100 });
  await sleep(200);
  await stack.write('all.yaml', objects(b.port, '/'));
  await waitFor('a change arrives', () => b.count() > 0);
  rmSync(join(disk.path, 'filler'));
  await waitFor('it is written as soon as there is room', () => globSync('state/groups/default/revisions/*', { cwd: disk.path }).length > 0);
  await waitFor('nothing is told any more', () =>
    stack
      .server()
      .engine.diagnostics()
      .every(({ code }) => code !== 'StateUnwritable'),
  );
  const { failed, failures } = await traffic.stop();
  assert.deepEqual([failed, failures], [0, []]);
});

for (const isSealed of [false, true]) {
  test(`values of secrets ${isSealed ? 'are sealed with the key' : 'are not written without a key'}`, async (t) => {
    const root = temporary(t);
    const [stateDir, stateKeyFile] = [join(root, 'state'), join(root, 'key')];
    writeFileSync(stateKeyFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    const certificate = await selfSigned(['shop.example.com'], Date.now());
    const objects = { 'gateway.yaml': secureGatewayYaml, 'secret.yaml': tlsSecret('shop', certificate) };
    await using stack = await startStack({ objects, state: { stateDir, ...(isSealed ? { stateKeyFile } : {}) } });
    const files = (): readonly string[] => globSync('**/*', { cwd: stateDir }).filter((name) => statSync(join(stateDir, name)).isFile());
    await waitFor('the revision is written', () => files().some((name) => name.includes('/revisions/')));
    const key = certificate.key.split('\n').slice(1, -2);
    let read = 0;
    for (const name of files()) {
      const content = readFileSync(join(stateDir, name));
      const body = content.subarray(content.indexOf('\n') + 1);
      const isDeflated = name.startsWith('bundles/') && content.toString('latin1', 0, 40).includes(' bundle ');
      const text = (isDeflated ? inflateSync(body) : content).toString('latin1');
      for (const line of key) assert.ok(!text.includes(line), `${name} holds the key`);
      read++;
    }
    assert.ok(read > 3 && key.length > 1);
    assert.equal(
      files().some((name) => readFileSync(join(stateDir, name)).toString('latin1', 0, 40).includes(' sealed ')),
      isSealed,
    );
    const config = await (await fetch(`http://${adminOf(stack)}/api/v1/config`)).json();
    const { place, keepsSecrets, revisions } = (config as { history: { place: string; keepsSecrets: boolean; revisions: number } }).history;
    assert.deepEqual([place, keepsSecrets, revisions], [stateDir, isSealed, 1]);
  });
}

for (const isSealed of [false, true]) {
  test(`a cold Envoy, a cold server and no source: plain HTTP serves, HTTPS ${isSealed ? 'too, with the key' : 'waits for its source, which is told'}`, async (t) => {
    const root = temporary(t);
    const stateKeyFile = join(root, 'key');
    writeFileSync(stateKeyFile, randomBytes(32));
    const state = { stateDir: join(root, 'state'), ...(isSealed ? { stateKeyFile } : {}) };
    await using a = await startHttpBackend('a');
    const objects = {
      'shop.yaml': [secureGatewayYaml, routeYaml('shop', { shop: 1 }), serviceYaml('shop', [a.port])].join('\n---'),
      'secret.yaml': tlsSecret('shop', await selfSigned(['shop.example.com'], Date.now())),
    };
    const settings = { release: { ...defaultSettings.release, startFromStateMs: 200 } };
    await using stack = await startStack({ objects, state, settings });
    await waitFor('the endpoints are written', () => globSync('groups/default/endpoints/*', { cwd: state.stateDir }).length > 0);
    await stack.stopServer();
    await stack.envoys[0]?.stop();
    renameSync(stack.folder, join(root, 'away'));
    await stack.startServer();

    const children = createChildren();
    t.after(() => children.stop());
    const xds = parseAddress(stack.server().xdsAddress) ?? assert.fail();
    const bootstrap = { node: 'cold', group: 'default', xds, protocol: 'delta', admin: { host: '127.0.0.1', port: 0 }, maxConnections: 1000 } as const;
    const binary = await findEnvoy({ env: process.env, progress: () => {} });
    await startEnvoy({ binary, folder: join(root, 'cold'), children, concurrency: 1, drainSeconds: 2, bootstrap });
    await waitFor('plain HTTP serves', async () => (await stack.http('/')).status === 200);
    const overTls = () =>
      stack.https('/', { serverName: 'shop.example.com' }).then(
        ({ status }) => status,
        () => 'refused',
      );
    const told = () =>
      stack
        .server()
        .engine.diagnostics()
        .filter(({ code }) => code === 'SecretNotStored');
    if (isSealed) {
      await waitFor('HTTPS serves', async () => (await overTls()) === 200);
      assert.deepEqual(told(), []);
      return;
    }
    assert.equal(await overTls(), 'refused');
    assert.match(told()[0]?.message ?? '', /default\/shop/);
    renameSync(join(root, 'away'), stack.folder);
    await waitFor('HTTPS serves when the source is back', async () => (await overTls()) === 200);
    assert.deepEqual(told(), []);
  });
}
