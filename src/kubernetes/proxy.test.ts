import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterAccessError } from './api-error.ts';
import { proxyOf } from './proxy.ts';

const proxy = 'http://proxy.example:3128';

function found(server: string, env: Readonly<Record<string, string>>, written?: string): string | undefined {
  return proxyOf(new URL(server), written, env)?.href.replace(/\/$/, '');
}

test('the kubeconfig says more than the environment, and holds for every server', () => {
  assert.equal(found('https://10.0.0.1', { HTTPS_PROXY: proxy }), proxy);
  assert.equal(found('https://127.0.0.1', { HTTPS_PROXY: proxy, NO_PROXY: '*' }, 'socks5://other:1080'), 'socks5://other:1080');
  assert.equal(found('https://10.0.0.1', { https_proxy: 'proxy.example:3128' }), proxy);
  assert.equal(found('https://10.0.0.1', { HTTP_PROXY: proxy, HTTPS_PROXY: '' }), undefined);
  assert.equal(found('http://10.0.0.1', { HTTP_PROXY: proxy }), proxy);
});

for (const [noProxy, direct, proxied] of [
  ['', ['https://127.0.0.1:6443', 'https://localhost', 'https://[::1]:6443'], ['https://10.0.0.1']],
  ['*', ['https://10.0.0.1', 'https://a.example'], []],
  ['10.0.0.0/8, fd00::/8', ['https://10.9.9.9', 'https://[fd00::1]'], ['https://11.0.0.1', 'https://a.example', 'https://[fe00::1]']],
  ['10.0.0.1,fd00::1', ['https://10.0.0.1', 'https://[fd00::1]'], ['https://10.0.0.11', 'https://[fd00::2]']],
  ['example.com', ['https://example.com', 'https://A.example.com'], ['https://notexample.com']],
  ['.svc,*.internal', ['https://kubernetes.default.svc', 'https://a.internal'], ['https://svc', 'https://internal']],
  ['a.example:6443', ['https://a.example:6443'], ['https://a.example']],
  ['10.0.0.0/99,/8,:', [], ['https://10.0.0.1']],
] as const) {
  test(`NO_PROXY=${JSON.stringify(noProxy)}`, () => {
    for (const server of direct) assert.equal(found(server, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }), undefined, server);
    for (const server of proxied) assert.equal(found(server, { HTTPS_PROXY: proxy, no_proxy: noProxy }), proxy, server);
  });
}

test('what is no proxy is refused, and its password is not told', () => {
  const isRefused = (message: string) => (error: unknown) => error instanceof ClusterAccessError && error.message.startsWith(message);
  assert.throws(() => found('https://10.0.0.1', {}, 'http://'), isRefused('proxy-url of the kubeconfig is not the URL of a proxy'));
  assert.throws(
    () => found('https://10.0.0.1', { HTTPS_PROXY: 'ftp://u:secret@a' }),
    isRefused('HTTPS_PROXY names a proxy of the kind ftp; it may be of http, https'),
  );
});
