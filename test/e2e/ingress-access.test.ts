import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml as ingress, serviceYaml } from './objects.ts';

const objects = [
  ingress('outside', { 'allowlist-source-range': '10.0.0.0/8' }),
  ingress('inside', { 'whitelist-source-range': '10.0.0.0/8, 127.0.0.0/8' }),
  ingress('denied', { 'denylist-source-range': '127.0.0.1/32', 'allowlist-source-range': '127.0.0.0/8' }),
  ingress('broken', { 'allowlist-source-range': 'nonsense' }),
  ingress('any-origin', { 'enable-cors': 'true', 'allowlist-source-range': '10.0.0.0/8' }),
  ingress('origins', { 'enable-cors': 'true', 'cors-allow-origin': 'https://a.org, https://*.b.org:8443' }),
  ingress('limited', { 'limit-rps': '1', 'limit-burst-multiplier': '2' }),
  ingress('excepted', { 'limit-rps': '1', 'limit-burst-multiplier': '1', 'limit-allowlist': '127.0.0.0/8' }),
  ingress('not-excepted', { 'limit-rpm': '1', 'limit-burst-multiplier': '1', 'limit-allowlist': '10.0.0.0/8' }),
  `
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {block-user-agents: "~*bad\\\\ bot,UselessAgent", block-referers: "~*bad\\\\.com", limit-req-status-code: "429"}`,
];

suite('who may ask an Ingress, and how often', () => {
  let backend: HttpBackend;
  let stack: Stack;

  before(async () => {
    backend = await startHttpBackend('app');
    stack = await startStack({ objects: { 'all.yaml': [...objects, serviceYaml('app', [backend.port])].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
  });

  const statuses = [
    ['outside.example', {}, 403],
    ['outside.example', { 'x-forwarded-for': '10.1.1.1' }, 403],
    ['inside.example', {}, 200],
    ['denied.example', {}, 403],
    ['broken.example', {}, 503],
    ['inside.example', { 'user-agent': 'a BAD bot/1' }, 403],
    ['inside.example', { 'user-agent': 'uselessagent' }, 403],
    ['inside.example', { 'user-agent': 'UselessAgent/2' }, 200],
    ['inside.example', { referer: 'http://www.bad.com/x' }, 403],
  ] as const;
  for (const [host, headers, expected] of statuses) {
    test(`${host} answers ${expected} to ${JSON.stringify(headers)}`, async () => {
      assert.equal((await stack.http('/', { headers: { host, ...headers } })).status, expected);
    });
  }

  test('CORS stands on refusals too, and OPTIONS is answered before them', async () => {
    const refused = await stack.http('/', { headers: { host: 'any-origin.example', origin: 'https://a.org' } });
    assert.deepEqual([refused.status, refused.headers['access-control-allow-origin'], refused.headers['access-control-allow-credentials']], [403, '*', 'true']);
    const options = await stack.http('/', { method: 'OPTIONS', headers: { host: 'any-origin.example' } });
    assert.deepEqual([options.status, options.headers['access-control-max-age']], [204, '1728000']);
  });

  const origins = [
    ['https://a.org', 'https://a.org'],
    ['HTTPS://A.ORG', 'HTTPS://A.ORG'],
    ['https://x.b.org:8443', 'https://x.b.org:8443'],
    ['https://b.org:8443', undefined],
    ['https://a.org.evil.net', undefined],
  ] as const;
  for (const [origin, expected] of origins) {
    test(`${origin} is ${expected ? 'allowed' : 'foreign'}`, async () => {
      const answer = await stack.http('/', { headers: { host: 'origins.example', origin } });
      assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, expected]);
      const options = await stack.http('/', { method: 'OPTIONS', headers: { host: 'origins.example', origin } });
      assert.equal(options.status, expected ? 204 : 200);
    });
  }

  test('a limit lets the first request and the burst through, and no more', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => stack.http('/', { headers: { host: 'limited.example' } })));
    const passed = answers.filter(({ status }) => status === 200).length;
    assert.ok(passed >= 3 && passed <= 5, `${passed} of 12 came through`);
    assert.ok(answers.every(({ status }) => status === 200 || status === 429));
  });

  test('a limit does not hold for those it excepts, and holds for others', async () => {
    const ask = (host: string) => Promise.all(Array.from({ length: 8 }, () => stack.http('/', { headers: { host } })));
    assert.equal((await ask('excepted.example')).filter(({ status }) => status === 200).length, 8);
    assert.equal((await ask('not-excepted.example')).filter(({ status }) => status === 200).length, 2);
  });
});
