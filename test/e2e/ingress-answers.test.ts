import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';

const settings = `
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {use-gzip: "true", block-user-agents: "badbot"}`;

suite('what ingress-nginx does with answers', () => {
  let shop: HttpBackend;
  let pages: HttpBackend;
  let stack: Stack;

  before(async () => {
    const statusOf = { '/gone': 404, '/broken': 500 };
    shop = await startHttpBackend('shop', { behaviour: { body: 'shop '.repeat(200), headers: { etag: '"strong"' }, statusOf } });
    pages = await startHttpBackend('pages', { behaviour: { status: 404 } });
    const paged = { 'custom-http-errors': '404', 'default-backend': 'pages' };
    const objects = [
      settings,
      serviceYaml('shop', [shop.port]),
      serviceYaml('pages', [pages.port]),
      await tlsSecretYaml('secure', ['secure.example']),
      ingressYaml('plain', {}, { service: 'shop' }),
      ingressYaml('secure', {}, { service: 'shop', path: '/shop', secret: 'secure' }),
      ingressYaml('paged', paged, { service: 'shop', path: '/shop' }),
      ingressYaml('expressions', { 'use-regex': 'true', ...paged }, { service: 'shop', path: '/shop/[0-9]+' }),
    ];
    stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    await shop?.close();
    await pages?.close();
  });

  const encoded = async (path: string): Promise<string> => {
    const { status, headers } = await stack.http(path, { headers: { host: 'plain.example', 'accept-encoding': 'gzip' } });
    return `${status} ${headers['content-encoding'] ?? 'plain'} ${headers['etag']}`;
  };

  test('what is compressed has a weak ETag', async () => assert.equal(await encoded('/'), '200 gzip W/"strong"'));

  test('of errors 403 and 404 alone are compressed', async () => {
    assert.equal(await encoded('/gone'), '404 gzip W/"strong"');
    assert.equal(await encoded('/broken'), '500 plain "strong"');
  });

  test('what a host name with TLS has no path for is redirected too, and says so where it is not found', async () => {
    const plain = await stack.http('/other', { headers: { host: 'secure.example' } });
    assert.deepEqual([plain.status, plain.headers['location']], [308, 'https://secure.example/other']);
    const secure = await stack.https('/other', { headers: { host: 'secure.example' } });
    assert.deepEqual([secure.status, secure.headers['strict-transport-security']], [404, 'max-age=31536000; includeSubDomains']);
  });

  for (const host of ['paged.example', 'expressions.example']) {
    test(`what ${host} has no path for is not for the pages of its Ingress`, async () => {
      const { status, headers } = await stack.http('/other', { headers: { host } });
      assert.deepEqual([status, headers['x-backend']], [404, undefined]);
      assert.equal((await stack.http('/shop/1', { headers: { host } })).headers['x-backend'], 'shop');
    });
  }

  test('whom the controller keeps out gets nothing, from nobody', async () => {
    const ask = async (host: string, path: string): Promise<number> => (await stack.http(path, { headers: { host, 'user-agent': 'badbot' } })).status;
    assert.deepEqual(
      await Promise.all([ask('plain.example', '/'), ask('paged.example', '/other'), ask('nobody.example', '/'), ask('nobody.example', '/healthz')]),
      [403, 403, 403, 403],
    );
    assert.equal((await stack.http('/healthz', { headers: { host: 'nobody.example' } })).status, 200);
  });
});
