import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { isAlive } from '../../src/is-alive.ts';
import { pricesClient } from './backend.ts';
import { http, https } from './client.ts';
import { load, startLoad } from './load.ts';
import { freePort, isFree } from './port.ts';
import { assertShare, patienceMs, waitFor } from './wait.ts';

const repository = join(import.meta.dirname, '../..');
const bin = join(repository, 'bin/sluice.js');

/** A copy of the quickstart on ports of its own, and the command line that starts it. */
interface Shop {
  readonly root: string;
  readonly folder: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The port that stands for one of the quickstart: 19011 → what it is in the copy. */
  port(original: number): number;
  /** All that are listened on. */
  readonly ports: readonly number[];
  readonly args: readonly string[];
}

/** Ports that the quickstart writes into its files: those of the demo processes and of the sidecar. */
const writtenPorts = /\b(19\d{3}|15001|15006)\b/g;

async function copyShop(): Promise<Shop> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-quickstart-'));
  const folder = join(root, 'shop');
  cpSync(join(repository, 'examples/quickstart'), folder, { recursive: true });
  // The demo processes import packages.
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const replaced = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8');
    for (const [port] of text.matchAll(writtenPorts)) if (!replaced.has(port)) replaced.set(port, await freePort());
    writeFileSync(
      file,
      text.replace(writtenPorts, (port) => String(replaced.get(port))),
    );
  }
  const [httpPort, httpsPort, xds, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const addresses = ['--xds-address', `127.0.0.1:${xds}`, '--admin-address', `127.0.0.1:${admin}`];
  return {
    root,
    folder,
    httpPort,
    httpsPort,
    port: (original) => replaced.get(String(original)) ?? assert.fail(`the quickstart has no port ${original}`),
    ports: [httpPort, httpsPort, xds, admin, ...replaced.values()],
    args: [bin, 'up', folder, ...addresses, '--http-port', String(httpPort), '--https-port', String(httpsPort)],
  };
}

/** What a demo backend says of itself. */
interface Me {
  readonly service: string;
  readonly version?: string;
  readonly endpoint: string;
  readonly pid: number;
  readonly path: string;
  readonly catalog?: Me;
}

const me = (body: string): Me => JSON.parse(body) as Me;

suite('quickstart', () => {
  let shop: Shop;
  let sluice: ChildProcess;
  let printed = '';

  /** Process numbers of the Envoys by group, as printed; the newest of each. */
  function envoys(): Map<string, number> {
    return new Map([...printed.matchAll(/^Envoy of (\S+) listens on .*\(pid (\d+),/gm)].map(([, group, pid]) => [group ?? '', Number(pid)]));
  }

  before(async () => {
    shop = await copyShop();
    sluice = spawn(process.execPath, shop.args, { cwd: shop.root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [sluice.stdout, sluice.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    await waitFor('sluice says what to try, or ends', () => printed.includes('Ctrl-C ends all') || sluice.exitCode !== null, 60_000);
    assert.equal(sluice.exitCode, null, `it ended; it printed:\n${printed}`);
  });

  after(async () => {
    if (sluice?.exitCode === null && sluice.signalCode === null) {
      sluice.kill('SIGTERM');
      await once(sluice, 'exit');
    }
    rmSync(shop.root, { recursive: true, force: true });
  });

  test('what it prints names the ports in use', () => {
    assert.match(printed, new RegExp(`curl http://localhost:${shop.httpPort}/`));
    assert.match(printed, /Envoy of default listens on .*:\d+/);
    assert.match(printed, /Envoy of sidecar\/default\/storefront-v1 listens on .*:\d+/);
  });

  test('the storefront is split 90/10 and names its version', async () => {
    const requests = 4000;
    const { sent, failed, by, failures } = await load({ port: shop.httpPort, rate: 800, seconds: requests / 800, classify: (body) => me(body).version ?? '?' });
    assert.deepEqual([sent, failed, failures], [requests, 0, []]);
    assert.deepEqual(Object.keys(by).sort(), ['v1', 'v2']);
    assertShare(by['v2'] ?? 0, sent, 0.1, 'v2');
  });

  test('testers always see v2', async () => {
    const { sent, by } = await load({
      port: shop.httpPort,
      rate: 200,
      seconds: 1,
      headers: { 'x-tester': 'yes' },
      classify: (body) => me(body).version ?? '?',
    });
    assert.deepEqual(by, { v2: sent });
  });

  test('HTTPS shows the certificate that was made at start', async () => {
    const secret = await waitFor('the secret is written', () => readFileSync(join(shop.root, '.sluice/objects/shop-certificate.yaml'), 'utf8'));
    assert.match(secret, /kind: Secret/);
    const answer = await waitFor('HTTPS answers', () => https(shop.httpsPort, '/'));
    assert.equal(answer.status, 200);
    assert.equal(me(answer.body).service, 'storefront');
    assert.match(answer.certificate?.subjectaltname ?? '', /DNS:localhost, DNS:shop\.example/);
  });

  test('gRPC is balanced by request: one connection reaches all three endpoints evenly', async () => {
    using client = pricesClient(shop.httpPort, 'prices.shop.example');
    const endpoints = new Map<string, number>();
    const calls = 300;
    for (let call = 0; call < calls; call++) {
      const { endpoint } = await client.get('tea');
      endpoints.set(endpoint, (endpoints.get(endpoint) ?? 0) + 1);
    }
    assert.equal(endpoints.size, 3);
    for (const [endpoint, count] of endpoints) assert.ok(Math.abs(count - calls / 3) <= 5, `${endpoint} had ${count} of ${calls}`);
  });

  test('the client that the README calls counts a third of its calls for each endpoint', () => {
    const client = join(shop.folder, 'backends/call-prices.ts');
    const counted = execFileSync(process.execPath, [client, '30', `127.0.0.1:${shop.httpPort}`], { encoding: 'utf8', timeout: 120_000 });
    assert.deepEqual(
      [...counted.matchAll(/: (\d+)/g)].map(([, count]) => Number(count)),
      [10, 10, 10],
      counted,
    );
  });

  test('virtual machines have a quarter of the orders', async () => {
    const { sent, failed, by } = await load({ port: shop.httpPort, path: '/orders/1', rate: 500, seconds: 4, classify: (body) => me(body).endpoint });
    assert.equal(failed, 0);
    const machines = [19051, 19052].map((port) => by[`127.0.0.1:${shop.port(port)}`] ?? 0);
    assert.ok(
      machines.every((count) => count > 0),
      `each machine is used: ${machines}`,
    );
    const [first = 0, second = 0] = machines;
    assertShare(first + second, sent, 0.25, 'virtual machines');
  });

  test('one more host by a plain Ingress; every other host is the storefront', async () => {
    const office = await http(shop.httpPort, '/desk', { headers: { host: 'office.shop.example' } });
    assert.deepEqual([office.status, me(office.body).service, me(office.body).path], [200, 'back-office', '/desk']);
    const other = await http(shop.httpPort, '/', { headers: { host: 'other.example' } });
    assert.equal(me(other.body).service, 'storefront');
  });

  test('the storefront calls the catalog by its sidecar, which reaches nothing else', async () => {
    const through = await waitFor('the sidecar reaches the catalog', async () => {
      const { body } = await http(shop.httpPort, '/catalog-through-sidecar');
      const { catalog } = me(body);
      return catalog?.service === 'catalog' ? catalog : undefined;
    });
    assert.equal(through.path, '/from-storefront');
    const outbound = shop.port(15001);
    for (const host of ['catalog', 'catalog.default', 'catalog.default.svc', 'catalog.default.svc.cluster.local:80']) {
      assert.equal(me((await http(outbound, '/', { headers: { host } })).body).service, 'catalog', host);
    }
    assert.equal((await http(outbound, '/', { headers: { host: 'orders' } })).status, 404);
    const inbound = await http(shop.port(15006), '/', { headers: { host: 'storefront-v1' } });
    assert.equal(me(inbound.body).version, 'v1');
  });

  test('a catalog that fails is out after five errors', async () => {
    const bad = shop.port(19021);
    await waitFor('every catalog is used', async () => {
      const { by } = await load({ port: shop.httpPort, path: '/catalog', rate: 60, seconds: 0.5, classify: (body) => me(body).endpoint });
      return Object.keys(by).length === 3;
    });
    await http(bad, '/fail?mode=500', { method: 'POST' });
    const statuses: number[] = [];
    for (let request = 0; request < 100; request++) statuses.push((await http(shop.httpPort, '/catalog')).status);
    assert.equal(statuses.filter((status) => status === 500).length, 5, statuses.join(' '));
    assert.ok(
      statuses.slice(-60).every((status) => status === 200),
      'after that no request meets it',
    );
    await http(bad, '/fail?mode=off', { method: 'POST' });
  });

  test('a weight that is changed in the file moves the share while traffic runs, without a failed request', async () => {
    const file = join(shop.folder, 'storefront.yaml');
    const text = readFileSync(file, 'utf8');
    const changed = text.replace('weight: 90', 'weight: 20').replace('weight: 10', 'weight: 80');
    assert.notEqual(changed, text);
    await using running = startLoad({ port: shop.httpPort, rate: 400, halfPost: true, classify: (body) => me(body).version ?? '?' });
    await waitFor('traffic runs', () => running.now().sent > 400);
    writeFileSync(file, changed);
    await waitFor('the share moves', async () => {
      const before = running.now();
      await waitFor('more traffic', () => running.now().sent >= before.sent + 200);
      const now = running.now();
      return (now.by['v2'] ?? 0) - (before.by['v2'] ?? 0) > 100;
    });
    const before = running.now();
    await waitFor('enough traffic to count', () => running.now().sent >= before.sent + 1000);
    const { failed, failures, by } = await running.stop();
    assert.deepEqual([failed, failures], [0, []]);
    const [v1, v2] = ['v1', 'v2'].map((version) => (by[version] ?? 0) - (before.by[version] ?? 0));
    assertShare(v2 ?? 0, (v1 ?? 0) + (v2 ?? 0), 0.8, 'v2 after the change');
  });

  test('an Envoy ends with the Sidecar that asked for it, and another starts when that comes back', async () => {
    const group = 'sidecar/default/storefront-v1';
    const first = envoys().get(group) ?? assert.fail();
    const file = join(shop.folder, 'sidecar.yaml');
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    await waitFor('it is stopped', () => printed.includes(`Envoy of ${group} stopped: its group is gone`));
    assert.equal(isAlive(first), false);
    assert.ok(await isFree(shop.port(15001)));
    writeFileSync(file, text);
    await waitFor('another one runs', () => envoys().get(group) !== first);
    const { catalog } = me((await http(shop.httpPort, '/catalog-through-sidecar')).body);
    assert.equal(catalog?.service, 'catalog');
  });

  test('SIGTERM ends all that was started and frees every port', async () => {
    assert.equal(envoys().size, 2);
    const direct = [19011, 19012, 19021, 19022, 19023, 19041, 19051, 19061].map(async (port) => me((await http(shop.port(port), '/')).body).pid);
    const pids = [...envoys().values(), ...(await Promise.all(direct))];
    assert.ok(pids.every(isAlive), 'all run before');
    const asked = performance.now();
    sluice.kill('SIGTERM');
    const [status, signal] = (await once(sluice, 'exit')) as [number | null, string | null];
    assert.deepEqual([status, signal], [0, null], printed);
    assert.ok(performance.now() - asked < 5000 + patienceMs, 'within 5 s, and the time that a busy machine needs');
    assert.deepEqual(pids.filter(isAlive), []);
    for (const port of shop.ports) assert.ok(await isFree(port), `port ${port} is free`);
  });
});

test('quickstart: a port that is taken is named before anything is started', async (t) => {
  const shop = await copyShop();
  t.after(() => rmSync(shop.root, { recursive: true, force: true }));
  const other = createServer().listen(shop.httpPort, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const child = spawn(process.execPath, shop.args, { cwd: shop.root, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [status] = (await once(child, 'close')) as [number];
  assert.equal(status, 2, printed);
  assert.match(printed, new RegExp(`port ${shop.httpPort} .*taken by another process`));
  assert.match(printed, /--http-port/);
  assert.ok(await isFree(shop.port(19011)), 'no demo process was started');
});
