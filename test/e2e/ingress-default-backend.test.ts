import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const shopPath = { service: 'shop', path: '/shop' };

suite('what no Ingress takes, by --default-backend-service', () => {
  let shop: HttpBackend;
  let rest: HttpBackend;
  let stack: Stack;

  before(async () => {
    shop = await startHttpBackend('shop');
    rest = await startHttpBackend('rest');
    const objects = [
      serviceYaml('shop', [shop.port]),
      serviceYaml('rest', [rest.port]),
      ingressYaml('plain', {}, shopPath),
      ingressYaml('closed', { 'whitelist-source-range': '192.0.2.0/24' }, shopPath),
      ingressYaml('paged', { 'custom-http-errors': '500' }, { service: 'shop' }),
      ingressYaml('expressions', { 'use-regex': 'true' }, { service: 'shop', path: '/shop/[0-9]+' }),
    ];
    stack = await startStack({ objects: { 'all.yaml': objects.join('\n---') }, settings: { ingress: { defaultBackend: 'default/rest' } } });
  });
  after(async () => {
    await stack?.close();
    await shop?.close();
    await rest?.close();
  });

  const ask = async (host: string, path: string): Promise<string> => {
    const { status, headers } = await stack.http(path, { headers: { host } });
    return `${status} ${headers['x-backend'] ?? ''}`.trim();
  };

  test('its host names send it what they have no path for, and so do all others', async () => {
    assert.equal(await ask('plain.example', '/shop/1'), '200 shop');
    assert.equal(await ask('plain.example', '/other'), '200 rest');
    assert.equal(await ask('nobody.example', '/'), '200 rest');
    assert.equal(await ask('expressions.example', '/shop/12'), '200 shop');
    assert.equal(await ask('expressions.example', '/shop/x'), '200 rest');
  });

  test('the rest of a host name is kept closed by the annotations of its Ingress', async () => {
    assert.equal(await ask('closed.example', '/other'), '403');
  });

  test('it answers errors where no other default backend is named', async () => {
    shop.behaviour.status = 500;
    const asked = rest.count();
    const answer = await stack.http('/', { headers: { host: 'paged.example' } });
    assert.equal(rest.count() - asked, 1);
    assert.deepEqual([answer.status, answer.headers['x-backend'], answer.body], [200, 'rest', 'rest']);
    shop.behaviour.status = 200;
  });

  test('an error and its page may be larger than what Envoy holds of an answer', async () => {
    shop.behaviour.status = 500;
    shop.behaviour.body = 'error '.repeat(100_000);
    rest.behaviour.body = 'page '.repeat(50_000);
    const { status, headers, body } = await stack.http('/', { headers: { host: 'paged.example' } });
    assert.deepEqual([status, headers['x-backend'], body.length], [200, 'rest', 250_000]);
    assert.equal(body, rest.behaviour.body);
    shop.behaviour.status = 200;
    delete shop.behaviour.body;
    delete rest.behaviour.body;
  });

  test('load balancers still ask for health', async () => assert.equal(await ask('nobody.example', '/healthz'), '200'));

  test('without endpoints it is 404, as without it', async () => {
    await stack.write('all.yaml', [serviceYaml('shop', [shop.port]), serviceYaml('rest', []), ingressYaml('plain', {}, shopPath)].join('\n---'));
    await waitFor('404', async () => (await ask('plain.example', '/other')) === '404');
    assert.equal(await ask('plain.example', '/shop'), '200 shop');
  });
});
