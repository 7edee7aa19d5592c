import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatted } from './header-format.ts';

const input = {
  headers: new Map([
    ['x-a', 'first'],
    [':authority', 'shop.test'],
  ]),
  client: '203.0.113.7',
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
  ['%DOWNSTREAM_LOCAL_PORT%', '80'],
  ['%PROTOCOL%', '%PROTOCOL%'],
];

for (const [text, value] of cases) test(`${text} is ${JSON.stringify(value)}`, () => assert.equal(formatted(text, input), value));
