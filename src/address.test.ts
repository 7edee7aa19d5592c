import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, isLoopback, parseAddress } from './address.ts';

test('addresses are read as they are written', () => {
  for (const [text, host, port] of [
    ['127.0.0.1:18000', '127.0.0.1', 18000],
    ['localhost:0', 'localhost', 0],
    ['[::1]:65535', '::1', 65535],
    ['sluice.infra.svc:18001', 'sluice.infra.svc', 18001],
  ] as const) {
    assert.deepEqual(parseAddress(text), { host, port });
    assert.equal(formatAddress({ host, port }), text);
  }
  for (const text of ['', '18000', ':18000', 'localhost', 'localhost:', 'localhost:65536', '::1:80', 'http://localhost:80', 'a b:1', 'localhost:-1']) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test('loopback is told from the outside', () => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) assert.equal(isLoopback(host), true, host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '128.0.0.1']) assert.equal(isLoopback(host), false, host);
});
