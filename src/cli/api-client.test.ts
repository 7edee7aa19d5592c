import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../../test/e2e/port.ts';
import { createApiClient, sendTo } from './api-client.ts';
import { CommandError } from './command-error.ts';

/** A client of a server that always answers the same, and what it was asked. */
function client(status: number, body: string) {
  const asked: { path: string; init: RequestInit }[] = [];
  const api = createApiClient(async (path, init) => {
    asked.push({ path, init });
    return new Response(body, { status });
  });
  return { api, asked };
}

test('queries are encoded and what is not given is left out', async () => {
  const { api, asked } = client(200, '{"a":1}');
  assert.deepEqual(await api.get('resources/clusters', { name: 'a/b & c', group: undefined }), { a: 1 });
  assert.equal(asked[0]?.path, '/api/v1/resources/clusters?name=a%2Fb+%26+c');
  await api.get('status');
  assert.equal(asked[1]?.path, '/api/v1/status');
  await api.post('explain', { url: 'x' });
  assert.deepEqual([asked[2]?.init.method, asked[2]?.init.body], ['POST', '{"url":"x"}']);
});

const failures: readonly (readonly [status: number, body: string, exit: number, message: RegExp, remedy: RegExp | undefined])[] = [
  [404, '{"error":{"code":"NotFound","message":"there is no x"}}', 1, /^there is no x$/, undefined],
  [400, '{"error":{"code":"BadRequest","message":"query: no"}}', 2, /^query: no$/, undefined],
  [503, '{"error":{"code":"NotReady","message":"waiting"}}', 2, /^waiting$/, undefined],
  [401, '{"error":{"code":"Unauthorized","message":"a token is needed"}}', 2, /token is needed/, /SLUICE_TOKEN/],
  [502, '<html>Bad Gateway</html>', 2, /answers 502 and not as Sluice/, /--server/],
  [404, '{}', 2, /answers 404 and not as Sluice/, /--server/],
];
for (const [status, body, exit, message, remedy] of failures) {
  test(`${status} ${body} ends a command with ${exit}`, async () => {
    await assert.rejects(client(status, body).api.get('status'), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, message);
      assert.equal(error.status, exit);
      if (remedy) assert.match(error.remedy ?? '', remedy);
      else assert.equal(error.remedy, undefined);
      return true;
    });
  });
}

test('a success that is no JSON is not Sluice either', async () => {
  await assert.rejects(client(200, '<html>').api.get('status'), /not as Sluice/);
});

test('a port that HTTP clients refuse is told as that', async () => {
  for (const port of [1, 22, 6000, 10080]) {
    await assert.rejects(createApiClient(sendTo(`127.0.0.1:${port}`, undefined)).get('status'), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(
        error.message,
        new RegExp(`^no server can be asked at http://127\\.0\\.0\\.1:${port}: port ${port} is one that HTTP clients and browsers refuse$`),
      );
      assert.match(error.remedy ?? '', /--server.*--admin-address/);
      return true;
    });
  }
});

test('the address of a server may be written without a scheme, and must be one', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  await assert.rejects(
    createApiClient(sendTo(address, undefined)).get('status'),
    new RegExp(`no server answers at http://${address.replaceAll('.', '\\.')}: connect ECONNREFUSED`),
  );
  assert.throws(() => sendTo('http://', undefined), /is no URL/);
});
