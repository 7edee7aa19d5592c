import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { checkCaller, checkToken } from './access.ts';
import { handleErrors } from './api.ts';

function app(...rules: Parameters<Hono['use']>[1][]): Hono {
  const hono = new Hono();
  for (const rule of rules) hono.use(rule);
  hono.all('/', (context) => context.text('in'));
  return handleErrors(hono, (error) => {
    throw error;
  });
}

const callers: readonly (readonly [headers: Record<string, string>, status: number])[] = [
  [{ host: '127.0.0.1:18001' }, 200],
  [{ host: 'localhost:18001' }, 200],
  [{ host: '[::1]:18001' }, 200],
  [{ host: '127.0.0.1:18001', origin: 'http://127.0.0.1:18001', 'sec-fetch-site': 'same-origin' }, 200],
  [{ host: '127.0.0.1:18001', 'sec-fetch-site': 'none' }, 200],
  [{ host: 'rebound.example.com:18001' }, 403],
  [{ host: '127.0.0.1.example.com' }, 403],
  [{ host: '' }, 403],
  [{ host: 'a b' }, 403],
  [{ host: '127.0.0.1:18001', origin: 'https://evil.example.com' }, 403],
  [{ host: '127.0.0.1:18001', origin: 'http://127.0.0.1:8080' }, 403],
  [{ host: '127.0.0.1:18001', origin: 'null' }, 403],
  [{ host: '127.0.0.1:18001', 'sec-fetch-site': 'cross-site' }, 403],
  [{ host: '127.0.0.1:18001', 'sec-fetch-site': 'same-site' }, 403],
];
for (const [headers, status] of callers) {
  test(`on loopback a call with ${JSON.stringify(headers)} gives ${status}`, async () => {
    const answer = await app(checkCaller).request('/', { headers });
    assert.equal(answer.status, status);
    if (status === 403) assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'Forbidden');
  });
}

const tokens: readonly (readonly [authorization: string | undefined, status: number])[] = [
  ['Bearer secret', 200],
  ['bearer secret', 200],
  [undefined, 401],
  ['Bearer ', 401],
  ['Bearer secre', 401],
  ['Bearer secret ', 200],
  ['Bearer Secret', 401],
  ['Basic c2VjcmV0', 401],
  ['secret', 401],
];
for (const [authorization, status] of tokens) {
  test(`Authorization ${JSON.stringify(authorization)} gives ${status}`, async () => {
    const answer = await app(checkToken('secret')).request('/', authorization === undefined ? {} : { headers: { authorization } });
    assert.equal(answer.status, status);
    if (status === 401) assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
  });
}
