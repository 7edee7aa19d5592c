import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml as ingress, serviceYaml } from './objects.ts';

suite('a service is asked whether requests may go on', () => {
  let app: HttpBackend;
  let auth: HttpBackend;
  let stack: Stack;

  before(async () => {
    app = await startHttpBackend('app');
    auth = await startHttpBackend('auth');
    const url = `http://127.0.0.1:${auth.port}/check?x=1`;
    const objects = [
      ingress('asked', { 'auth-url': url, 'auth-response-headers': 'X-User, X-None' }),
      ingress('always', { 'auth-url': url, 'auth-always-set-cookie': 'true' }),
      ingress('service', { 'auth-url': 'http://auth.default.svc.cluster.local/check' }),
      ingress('signin', { 'auth-url': url, 'auth-signin': 'https://login.example/start', 'auth-method': 'POST', 'auth-request-redirect': '/go' }),
      ingress('nobody', { 'auth-url': 'http://127.0.0.1:1/check' }),
      ingress('unknown', { 'auth-url': `${url}&v=$upstream_addr` }),
      ingress('cors', { 'auth-url': url, 'enable-cors': 'true' }),
    ];
    const services = [serviceYaml('app', [app.port]), serviceYaml('auth', [auth.port])];
    stack = await startStack({ objects: { 'all.yaml': [...objects, ...services].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    await app?.close();
    await auth?.close();
  });
  beforeEach(() => {
    Object.assign(auth.behaviour, { status: 200, headers: {} });
    Object.assign(app.behaviour, { status: 200, headers: {} });
  });

  test('it sees a GET without a body, and what is asked for in headers', async () => {
    const body = 'x'.repeat(300_000);
    const headers = { host: 'asked.example', cookie: 'k=v', authorization: 'Bearer t', 'content-type': 'text/plain' };
    const answer = await stack.http('/p/q?a=b', { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    const question = auth.seen.at(-1);
    assert.deepEqual([question?.method, question?.url, question?.body, question?.headers.host], ['GET', '/check?x=1', '', '127.0.0.1']);
    const seen = question?.headers ?? {};
    assert.equal(seen['x-original-url'], 'http://asked.example/p/q?a=b');
    assert.equal(seen['x-original-method'], 'POST');
    assert.equal(seen['x-auth-request-redirect'], '/p/q?a=b');
    assert.equal(seen['x-real-ip'], '127.0.0.1');
    assert.equal(seen['x-forwarded-for'], '127.0.0.1');
    assert.deepEqual([seen.cookie, seen.authorization, seen['x-forwarded-proto'], seen['content-length']], ['k=v', 'Bearer t', undefined, undefined]);
    assert.ok(seen['x-request-id']);
    assert.equal(app.seen.at(-1)?.body.length, body.length);
  });

  test('its headers reach the backend, and forged ones do not', async () => {
    auth.behaviour.headers = { 'x-user': 'alice', 'set-cookie': 'auth=1' };
    const answer = await stack.http('/', { headers: { host: 'asked.example', 'x-user': 'forged', 'x-none': 'forged' } });
    assert.deepEqual([app.seen.at(-1)?.headers['x-user'], app.seen.at(-1)?.headers['x-none']], ['alice', undefined]);
    assert.deepEqual(answer.headers['set-cookie'], ['auth=1']);
  });

  test('its cookies stand on failures only where that is asked for', async () => {
    auth.behaviour.headers = { 'set-cookie': 'auth=1' };
    app.behaviour.status = 404;
    assert.equal((await stack.http('/', { headers: { host: 'asked.example' } })).headers['set-cookie'], undefined);
    assert.deepEqual((await stack.http('/', { headers: { host: 'always.example' } })).headers['set-cookie'], ['auth=1']);
  });

  for (const [status, expected] of [
    [202, 200],
    [401, 401],
    [403, 403],
    [302, 500],
    [404, 500],
    [503, 500],
  ] as const) {
    test(`its ${status} is ${expected} for the client`, async () => {
      auth.behaviour.status = status;
      auth.behaviour.headers = { 'www-authenticate': 'Bearer' };
      const count = app.count();
      for (const host of ['asked.example', 'service.example']) assert.equal((await stack.http('/', { headers: { host } })).status, expected);
      assert.equal(app.count(), expected === 200 ? count + 2 : count);
    });
  }

  test('401 leads to the sign-in, and back', async () => {
    auth.behaviour.status = 401;
    const answer = await stack.http('/x?a=b&c', { headers: { host: 'signin.example' } });
    assert.deepEqual([answer.status, answer.headers.location], [302, 'https://login.example/start?rd=http://signin.example%2Fx%3Fa%3Db%26c']);
    const question = auth.seen.at(-1);
    assert.deepEqual([question?.method, question?.headers['x-auth-request-redirect'], question?.headers['x-original-uri']], ['POST', '/go', '/x?a=b&c']);
  });

  test('nobody is let in where the service cannot be asked', async () => {
    const count = app.count();
    assert.equal((await stack.http('/', { headers: { host: 'nobody.example' } })).status, 500);
    assert.equal((await stack.http('/', { headers: { host: 'unknown.example' } })).status, 503);
    assert.equal(app.count(), count);
  });

  test('a refusal has the headers of CORS', async () => {
    auth.behaviour.status = 401;
    const answer = await stack.http('/', { headers: { host: 'cors.example', origin: 'https://a.org' } });
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [401, '*']);
    assert.equal((await stack.http('/', { method: 'OPTIONS', headers: { host: 'cors.example' } })).status, 204);
  });
});
