import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { authzKeyIn } from '../../src/authz/key-file.ts';
import { type AuthzServer, startAuthz } from '../../src/authz/server.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml as ingress, serviceYaml } from './objects.ts';

const hash = '$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1';
const secret = (name: string, file: string) => `{apiVersion: v1, kind: Secret, metadata: {name: ${name}}, stringData: {auth: ${JSON.stringify(file)}}}`;
const objects = [
  ingress('staff', { 'auth-type': 'basic', 'auth-secret': 'staff', 'auth-realm': 'Staff only' }),
  ingress('any', { 'auth-type': 'basic', 'auth-secret': 'staff', satisfy: 'any', 'allowlist-source-range': '10.0.0.0/8' }),
  ingress('outside', { 'auth-type': 'basic', 'auth-secret': 'staff', satisfy: 'any', 'denylist-source-range': '127.0.0.0/8' }),
  ingress('missing', { 'auth-type': 'basic', 'auth-secret': 'nothing' }),
  secret('staff', `bob:${hash}\n`),
];
const credentials = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

suite('passwords', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-authz-'));
  const listen = `unix:${join(folder, 'authz.sock')}`;
  const key = authzKeyIn(join(folder, 'authz.key'));
  let authz: AuthzServer;
  let backend: HttpBackend;
  let stack: Stack;

  before(async () => {
    authz = await startAuthz({ listen, key, version: 'test' });
    backend = await startHttpBackend('app');
    const files = { 'all.yaml': [...objects, serviceYaml('app', [backend.port])].join('\n---\n') };
    stack = await startStack({ objects: files, authz: { address: listen, key } });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
    await authz?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (name: string, headers: Readonly<Record<string, string>> = {}) => stack.http('/', { headers: { host: `${name}.example`, ...headers } });
  const statuses = async (name: string) => [
    (await ask(name, credentials('bob:pw'))).status,
    (await ask(name, credentials('bob:pW'))).status,
    (await ask(name)).status,
  ];

  test('a right one lets in, and the backend does not see it; others get 401 with the realm', async () => {
    assert.deepEqual(await statuses('staff'), [200, 401, 401]);
    assert.equal(backend.seen.at(-1)?.headers.authorization, undefined);
    assert.equal((await ask('staff')).headers['www-authenticate'], 'Basic realm="Staff only"');
    assert.equal((await ask('missing', credentials('bob:pw'))).status, 503);
  });

  test('it is enough where any check is, whatever the address says', async () => {
    assert.deepEqual(await statuses('any'), [200, 401, 401]);
    assert.deepEqual(await statuses('outside'), [200, 401, 401]);
  });

  test('Envoy and the admin API show neither names nor hashes', async () => {
    const [envoy] = stack.envoys;
    const dump = await http(Number(envoy?.adminAddress.split(':').at(-1)), '/config_dump?include_eds');
    const snapshot = await http(Number(stack.server().adminAddress.split(':').at(-1)), '/api/v1/snapshot?group=default');
    assert.match(dump.body, /sluice\/authz/);
    for (const { status, body } of [dump, snapshot]) {
      assert.equal(status, 200);
      assert.doesNotMatch(body, /5VEbMkemELfbhC5ck|bob:/);
    }
  });

  test('they are checked without the server, also by an auth service that was started anew; without that nobody is let in', async () => {
    await stack.stopServer();
    assert.deepEqual(await statuses('staff'), [200, 401, 401]);
    await authz.stop();
    assert.deepEqual(await statuses('staff'), [503, 503, 401]);
    authz = await startAuthz({ listen, key, version: 'test' });
    assert.deepEqual(await statuses('staff'), [200, 401, 401]);
  });
});
