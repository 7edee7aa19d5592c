import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { http, https } from '../e2e/client.ts';
import { load, startLoad } from '../e2e/load.ts';
import { freePort } from '../e2e/port.ts';
import { assertShare, waitFor } from '../e2e/wait.ts';

const root = join(import.meta.dirname, '../..');
const engine = join(import.meta.dirname, 'engine.sh');

/** `docker compose up` as the README has it, on ports and under a project name of this test. */
suite('docker compose', { timeout: 20 * 60_000 }, () => {
  let env: NodeJS.ProcessEnv = {};
  let httpPort = 0;
  let httpsPort = 0;

  const compose = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('docker', ['compose', ...args], { cwd: root, env, maxBuffer: 1 << 26 });
    return stdout;
  };

  /** Settles once the service `drain` has said so this often. */
  async function drainSays(words: string, times: number): Promise<void> {
    const logs = spawn('docker', ['compose', 'logs', '--follow', 'drain'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let left = times;
      for await (const line of createInterface({ input: logs.stdout })) if (line.includes(words) && --left === 0) return;
      throw new Error(`the log of drain ended without ${JSON.stringify(words)}`);
    } finally {
      logs.kill();
    }
  }

  before(async () => {
    [httpPort, httpsPort] = [await freePort(), await freePort()];
    const exported = execFileSync(engine, ['up'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    env = {
      ...process.env,
      ...Object.fromEntries([...exported.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])),
      COMPOSE_PROJECT_NAME: `sluice-test-${process.pid}`,
      SLUICE_HTTP_PORT: String(httpPort),
      SLUICE_HTTPS_PORT: String(httpsPort),
    };
    await compose('up', '--build', '--detach', '--quiet-pull');
    // Containers that run do not listen yet: each backend that a test asks must have answered once.
    const asked: readonly [string, Record<string, string>][] = [
      ['/', {}],
      ['/', { 'x-tester': 'yes' }],
      ['/', { host: 'office.shop.example' }],
    ];
    for (const [path, headers] of asked) {
      await waitFor(`${path} ${JSON.stringify(headers)} answers`, async () => (await http(httpPort, path, { headers })).status === 200, 120_000);
    }
    await waitFor('the sidecar reaches the catalog', async () => JSON.parse((await http(httpPort, '/catalog-through-sidecar')).body).catalog?.service, 120_000);
    // By its own header v2 answers; v1 only by chance of the split, so it is asked until it did.
    await waitFor('v1 answers', async () => JSON.parse((await http(httpPort, '/')).body).version === 'v1', 120_000);
  });
  after(async () => {
    try {
      await compose('down', '--volumes', '--timeout', '5');
    } finally {
      // Ends only an engine that `up` had to start.
      execFileSync(engine, ['down'], { stdio: ['ignore', 'ignore', 'inherit'] });
    }
  });

  test('gives what the quickstart gives', async () => {
    const shares = await load({ port: httpPort, rate: 200, seconds: 5, classify: (body) => (JSON.parse(body) as { version: string }).version });
    assert.deepEqual([shares.failed, shares.failures], [0, []]);
    assertShare(shares.by['v2'] ?? 0, shares.sent, 0.1, 'share of v2');
    assert.equal(JSON.parse((await http(httpPort, '/', { headers: { 'x-tester': 'yes' } })).body).version, 'v2');
    assert.equal((await https(httpsPort, '/')).status, 200);
    assert.equal(JSON.parse((await http(httpPort, '/catalog-through-sidecar')).body).catalog.service, 'catalog');
    assert.equal(JSON.parse((await http(httpPort, '/', { headers: { host: 'office.shop.example' } })).body).service, 'back-office');
  });

  test('the command line works inside the container, and the admin API asks others for a token', async () => {
    const status = await compose('exec', '-T', 'sluice', 'node', 'bin/sluice.js', 'status');
    assert.match(status, /gateway .*ACKED/);
    assert.match(status, /sidecar\/default\/storefront-v1 .*ACKED/);
    const ask = `fetch('http://sluice:18001/api/v1/status').then((answer) => console.log(answer.status))`;
    assert.equal((await compose('exec', '-T', 'sluice', 'node', '-e', ask)).trim(), '401');
  });

  test('Sluice and Envoys speak mutual TLS, with keys that only their owners have, and renewed while they run', async () => {
    const ask = `fetch('http://127.0.0.1:18001/api/v1/config', { headers: { authorization: 'Bearer ' + require('node:fs').readFileSync('/made/.token', 'utf8') } })
      .then((answer) => answer.text()).then(console.log)`;
    const access = async () =>
      (JSON.parse(await compose('exec', '-T', 'sluice', 'node', '-e', ask)) as { xds: { tls: string; certificate: { sha256: string } } }).xds;
    const before = await access();
    assert.equal(before.tls, 'mutual');
    const serial = () => compose('exec', '-T', 'envoy', 'cat', '/etc/envoy/tls/tls.crt');
    const shown = await serial();
    assert.equal((await compose('exec', '-T', 'envoy', 'ls', '/etc/envoy')).trim().split(/\s+/).join(), 'gateway.json,tls');
    await compose(
      'run',
      '--rm',
      'keys',
      'certificates',
      '/keys',
      '--server',
      'sluice',
      '--group',
      'default',
      '--group',
      'sidecar/default/storefront-v1',
      '--renew',
    );
    await waitFor('the server shows another certificate', async () => (await access()).certificate.sha256 !== before.certificate.sha256);
    assert.notEqual(await serial(), shown);
    assert.equal((await http(httpPort, '/')).status, 200);
  });

  test('the server runs as nobody special, on a file system that it cannot write', async () => {
    const look = `console.log(process.getuid()); try { require('node:fs').writeFileSync('/sluice/x', ''); } catch (error) { console.log(error.code); }`;
    assert.equal(await compose('exec', '-T', 'sluice', 'node', '-e', look), '1000\nEROFS\n');
  });

  test('Envoys go on while the server is away, and it ends in time', async () => {
    await compose('stop', '--timeout', '20', 'sluice');
    // One that is killed when the time is over ends with another code.
    const state = JSON.parse(await compose('ps', '--all', '--format', 'json', 'sluice')) as { ExitCode: number };
    assert.equal(state.ExitCode, 0);
    assert.equal((await http(httpPort, '/')).status, 200);
    await compose('start', 'sluice');
    await waitFor('the Envoys are back', async () => /gateway .*ACKED/.test(await compose('exec', '-T', 'sluice', 'node', 'bin/sluice.js', 'status')), 60_000);
  });

  test('a gateway that is stopped drains first: what is under way is answered, and new requests are for a while; so does the next in its place', async () => {
    const office = { headers: { host: 'office.shop.example' } };
    assert.equal((await http(httpPort, '/fail?mode=slow', { method: 'POST', ...office })).status, 200);
    const drains = async (): Promise<readonly string[]> =>
      [...(await compose('logs', 'drain')).matchAll(/every request had its answer/g)].map(([text]) => text);
    for (const drained of [1, 2]) {
      {
        await using traffic = startLoad({ port: httpPort, rate: 50, classify: () => 'answered' });
        const slow = http(httpPort, '/', { ...office, timeoutMs: 30_000 });
        await sleep(300);
        const stopped = compose('stop', '--timeout', '30', 'envoy');
        // Of the two seconds in which load balancers notice, one: so all these requests come to an Envoy that drains.
        await drainSays('health checks fail', drained);
        const before = traffic.now().sent;
        await sleep(1000);
        const { failures, failed, sent } = await traffic.stop();
        assert.deepEqual([failed, failures], [0, []]);
        assert.ok(sent > before, 'requests come while it drains');
        assert.equal((await slow).status, 200);
        await stopped;
      }
      const state = JSON.parse(await compose('ps', '--all', '--format', 'json', 'envoy')) as { ExitCode: number };
      assert.equal(state.ExitCode, 0);
      await waitFor('it was drained', async () => (await drains()).length === drained);
      await compose('start', 'envoy');
      await waitFor('the next Envoy serves', async () => (await http(httpPort, '/')).status === 200, 60_000);
    }
    assert.match(await compose('logs', 'drain'), /health checks fail[\s\S]*new connections are refused[\s\S]*every request had its answer/);
  });
});
