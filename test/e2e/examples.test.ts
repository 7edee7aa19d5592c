import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { http } from './client.ts';
import { load } from './load.ts';
import { freePort } from './port.ts';
import { startProxylessClient } from './proxyless-client.ts';
import { startSluice } from './sluice.ts';
import { assertShare, waitFor } from './wait.ts';

const root = join(import.meta.dirname, '../../examples');

/** `sluice up` on a copy of an example, its ports replaced by free ones; `run` asks at the port for HTTP, or where xDS listens. */
async function withExample(name: string, run: (httpPort: number, xdsAddress: string) => Promise<void>): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'sluice-example-'));
  const folder = join(work, name);
  cpSync(join(root, name), folder, { recursive: true });
  // What examples take from beside themselves.
  cpSync(join(root, 'quickstart/backends'), join(work, 'quickstart/backends'), { recursive: true });
  symlinkSync(join(root, '../node_modules'), join(work, 'node_modules'));
  cpSync(join(root, '../package.json'), join(work, 'package.json'));
  const replaced = new Map<string, number>();
  for (const file of readdirSync(folder).map((entry) => join(folder, entry))) {
    if (!statSync(file).isFile()) continue;
    const text = readFileSync(file, 'utf8');
    for (const [port] of text.matchAll(/\b19\d{3}\b/g)) if (!replaced.has(port)) replaced.set(port, await freePort());
    writeFileSync(
      file,
      text.replace(/\b19\d{3}\b/g, (port) => String(replaced.get(port))),
    );
  }
  const [httpPort, httpsPort, xds, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const addresses = ['--xds-address', `127.0.0.1:${xds}`, '--admin-address', `127.0.0.1:${admin}`];
  const running = startSluice(['up', folder, ...addresses, '--http-port', `${httpPort}`, '--https-port', `${httpsPort}`], {}, work);
  try {
    await waitFor('it serves, or ends', () => running.stdout().includes('Ctrl-C ends all') || running.child.exitCode !== null, 60_000);
    assert.equal(running.child.exitCode, null, running.stdout());
    await run(httpPort, `127.0.0.1:${xds}`);
  } finally {
    if (running.child.exitCode === null) {
      running.child.kill('SIGTERM');
      await once(running.child, 'close');
    }
    rmSync(work, { recursive: true, force: true });
  }
  assert.equal((await running.ended).status, 0, running.stdout());
}

test('examples: hello answers, and ends with its backend', () =>
  withExample('hello', async (httpPort) => {
    const answer = await waitFor('it answers', async () => {
      const { status, body } = await http(httpPort, '/');
      return status === 200 ? body : undefined;
    });
    assert.equal(answer, 'hello\n');
  }));

test('examples: ingress answers for its host name and for no other', () =>
  withExample('ingress', async (httpPort) => {
    await waitFor('it answers', async () => (await http(httpPort, '/', { headers: { host: 'blog.example' } })).body === 'blog\n');
    assert.equal((await http(httpPort, '/')).status, 404);
  }));

test('examples: canary sends testers to v2 and a twentieth of the others', () =>
  withExample('canary', async (httpPort) => {
    await waitFor('it answers', async () => (await http(httpPort, '/')).status === 200);
    const testers = await load({ port: httpPort, rate: 200, seconds: 1, headers: { 'x-canary': 'always' }, classify: (body) => body.trim() });
    assert.deepEqual(testers.by, { v2: testers.sent });
    const everybody = await load({ port: httpPort, rate: 500, seconds: 3, classify: (body) => body.trim() });
    assert.equal(everybody.failed, 0);
    assertShare(everybody.by['v2'] ?? 0, everybody.sent, 0.05, 'v2');
  }));

test('examples: proxyless-grpc splits the calls of a client without an Envoy', () =>
  withExample('proxyless-grpc', async (_httpPort, xdsAddress) => {
    await using client = startProxylessClient(xdsAddress);
    await waitFor('every endpoint has answered', () => Object.keys(client.now().answered).length === 3);
    await using tester = startProxylessClient(xdsAddress, ['--header', 'x-preview=yes', '--node', 'tester']);
    await waitFor('testers are answered', () => Object.keys(tester.now().answered).length > 0);
    assert.equal(Object.keys(tester.now().answered).length, 1);
    assert.deepEqual(tester.now().failed, {});
  }));
