import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createSealing } from '../sealing.ts';
import { authzKeyIn } from './key-file.ts';
import { type AuthzServer, startAuthz } from './server.ts';

const key = randomBytes(32);
const { seal } = createSealing(createSecretKey(key));
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

suite('the auth service', () => {
  let server: AuthzServer;
  before(async () => {
    server = await startAuthz({ listen: '127.0.0.1:0', key, version: '1' });
  });
  after(() => server.stop());

  const ask = (method: string, path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`http://${server.address}${path}`, { method, headers, ...(method === 'GET' ? {} : { body }) });

  test('knows a password of the file that comes with the question, each time, and no other', async () => {
    const users = seal('htpasswd\nbob:$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1\n');
    const status = async (headers: Record<string, string>) => (await ask('POST', '/password', users, headers)).status;
    const asked = [basic('bob:pw'), basic('bob:pw'), basic('bob:pW'), basic('eve:pw'), basic('bob'), { authorization: 'Bearer x' }, {}];
    assert.deepEqual(await Promise.all(asked.map(status)), [200, 200, 401, 401, 401, 401, 401]);
  });

  test('takes nothing that the control plane did not seal, or sealed for something else', async () => {
    const plain = await ask('POST', '/password', 'htpasswd\nbob:{PLAIN}pw', basic('bob:pw'));
    const other = await ask('POST', '/password', seal('verdicts\nbob:{PLAIN}pw'), basic('bob:pw'));
    const foreign = createSealing(createSecretKey(randomBytes(32))).seal('htpasswd\nbob:{PLAIN}pw');
    const stranger = await ask('POST', '/password', foreign, basic('bob:pw'));
    assert.deepEqual([plain.status, other.status, stranger.status], [400, 400, 400]);
  });

  test('keeps answers by what they belong to and their key, as long as they hold', async () => {
    const [one, two] = [seal('verdicts\none'), seal('verdicts\ntwo')];
    const kept = await ask('PUT', '/verdict', one, { 'x-key': 'a', 'x-keep-ms': '60000', 'x-kept-status': '200', 'x-kept-x-user': 'bob', 'x-other': '1' });
    assert.equal(kept.status, 204);
    const found = await ask('POST', '/verdict', one, { 'x-key': 'a' });
    assert.deepEqual(
      [found.status, found.headers.get('x-kept-status'), found.headers.get('x-kept-x-user'), found.headers.get('x-other')],
      [200, '200', 'bob', null],
    );
    assert.equal((await ask('POST', '/verdict', one, { 'x-key': 'b' })).status, 404);
    assert.equal((await ask('POST', '/verdict', two, { 'x-key': 'a' })).status, 404);
    assert.equal((await ask('PUT', '/verdict', one, { 'x-key': 'a', 'x-keep-ms': '0', 'x-kept-status': '200' })).status, 400);
  });
});

test('a socket is taken over from the one that had it, and the key is made once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'authz-'));
  const file = join(folder, 'authz.key');
  assert.deepEqual(authzKeyIn(file), authzKeyIn(file));
  const listen = `unix:${join(folder, 's')}`;
  const old = await startAuthz({ listen, key, version: 'old' });
  const next = await startAuthz({ listen, key, version: 'new' });
  await old.stop();
  assert.equal(await versionAt(join(folder, 's')), 'new');
  await next.stop();
  rmSync(folder, { recursive: true });
});

function versionAt(socketPath: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/health' }, (answer) => {
      answer.resume();
      resolve(answer.headers['x-version']);
    })
      .on('error', reject)
      .end();
  });
}
