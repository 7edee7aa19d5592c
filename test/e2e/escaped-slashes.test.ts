import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, httpRouteYaml, ingressYaml, serviceYaml } from './objects.ts';

suite('paths whose %2F stays, by --ingress-escaped-slashes keep', () => {
  let shop: HttpBackend;
  let stack: Stack;

  before(async () => {
    shop = await startHttpBackend('shop');
    const objects = [
      serviceYaml('shop', [shop.port]),
      ingressYaml('open', {}, { service: 'shop', host: 'shop.example' }),
      ingressYaml('closed', { 'whitelist-source-range': '192.0.2.0/24' }, { service: 'shop', host: 'shop.example', path: '/admin' }),
      ingressYaml('expressions', { 'use-regex': 'true' }, { service: 'shop', path: '/a' }),
      gatewayYaml,
      httpRouteYaml('route', '{matches: [{path: {type: PathPrefix, value: /r}}], backendRefs: [{name: shop, port: 80}]}'),
    ];
    stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') }, settings: { ingress: { escapedSlashes: 'keep' } } });
  });
  after(async () => {
    await stack?.close();
    await shop?.close();
  });

  /** What the backend got, or the status that it never saw. */
  const ask = async (path: string, host = 'shop.example'): Promise<string> => {
    const { status } = await stack.http(path, { headers: { host } });
    return status === 200 ? (shop.seen.at(-1)?.url ?? '') : String(status);
  };

  test('the backend gets it as it came', async () => {
    assert.equal(await ask('/files/a%2Fb?c=%2F'), '/files/a%2Fb?c=%2F');
    assert.equal(await ask('/files/a%2fb'), '/files/a%2fb');
  });

  for (const [path, got] of [
    ['/admin', '403'],
    ['/admin%2Fusers', '403'],
    ['/x/%2e%2e/admin', '403'],
    ['//admin%2Fusers', '403'],
    ['/%2Fadmin', '400'],
    ['/x%2F..%2Fadmin', '400'],
    ['/x/..%2Fadmin', '400'],
    ['/x%2F../admin', '400'],
    ['/x%5C..%5Cadmin', '400'],
  ] as const) {
    test(`${path} does not get past what closes /admin: ${got}`, async () => assert.equal(await ask(path), got));
  }

  test('where paths are expressions it is refused', async () => {
    assert.equal(await ask('/a/b', 'expressions.example'), '/a/b');
    assert.equal(await ask('/a%2Fb', 'expressions.example'), '400');
  });

  test('it is a slash for an HTTPRoute as well', async () => {
    assert.equal(await ask('/r%2Fx', 'elsewhere.example'), '/r%2Fx');
    assert.equal(await ask('/rx', 'elsewhere.example'), '404');
  });
});
