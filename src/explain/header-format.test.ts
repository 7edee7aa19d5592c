import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatted } from './header-format.ts';

const input = {
  headers: new Map([
    ['x-a', 'first'],
    [':authority', 'shop.test'],
  ]),
  client: '203.0.113.7',
  peer: '10.0.0.1',
  port: 80,
};
const cases: readonly (readonly [text: string, value: string])[] = [
  ['plain', 'plain'],
  ['100%%', '100%'],
  ['%REQ(X-A)%', 'first'],
  ['%REQ(x-b)%', ''],
  ['%REQ(x-b?:AUTHORITY)%', 'shop.test'],
  ['%REQ(x-a):3%', 'fir'],
  ['%REQ(x-a)%, %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', 'first, 203.0.113.7'],
  ['%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%', '10.0.0.1'],
  ['%DOWNSTREAM_LOCAL_PORT%', '80'],
  ['%PROTOCOL%', '%PROTOCOL%'],
  [String.raw`%CEL(re.extract(request.headers['x-a'], '^f(i|\\x25)(.*)$', '<\\2\\1>'))%`, '<rsti>'],
  [String.raw`%CEL(re.extract(request.headers['x-a'], 'none', '\\0'))%, %REQ(x-a)%`, ', first'],
  ["%CEL(re.extract(request.headers['x-b'], '(.+)', ''))%", ''],
  ["%CEL(re.capture(request.host, '([^:]*)(?::.*)?'))%", "%CEL(re.capture(request.host, '([^:]*)(?::.*)?'))%"],
];

for (const [text, value] of cases) test(`${text} is ${JSON.stringify(value)}`, () => assert.equal(formatted(text, input), value));
