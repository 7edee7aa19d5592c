import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { ingressYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const configMap = (name: string, data: Readonly<Record<string, string>>): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ingress-nginx}
data: ${JSON.stringify(data)}`;

suite('headers that the settings of ingress-nginx ask for', () => {
  let backend: HttpBackend;
  let stack: Stack;
  const objects = (settings: Readonly<Record<string, string>>): string =>
    [
      serviceYaml('shop', [backend.port]),
      ingressYaml('shop', {}, { service: 'shop' }),
      ingressYaml('wild', {}, { service: 'shop', host: '*.wild.example' }),
      ingressYaml('cors', { 'enable-cors': 'true' }, { service: 'shop' }),
      configMap('ingress-nginx-controller', settings),
      configMap('headers', {
        'X-Edge': '100% sluice',
        'X-Client': `$remote_addr \${request_method} $request_uri`,
        'X-Place': '$namespace/$ingress_name $service_name:$service_port $host $scheme',
        'X-Agent': '$http_user_agent',
        'X-User': '$cookie_user $arg_n $uri?$args',
        'X-Cookie': '$cookie_user',
        'X-Before': '$http_x_edge',
        'X-Host': '$host',
        'X-Country': '$geoip_country_code',
      }),
    ].join('\n---');

  before(async () => {
    backend = await startHttpBackend('shop', { behaviour: { headers: { server: 'secret/1.0' } } });
    stack = await startStack({ objects: { 'all.yaml': objects({ 'proxy-set-headers': 'ingress-nginx/headers' }) } });
  });
  after(async () => {
    await stack?.close();
    await backend?.close();
  });

  const ask = (headers: Readonly<Record<string, string>> = {}) => stack.http('/cart?n=1', { headers: { host: 'shop.example', ...headers } });

  test('backends get those of proxy-set-headers, with what nginx puts in the place of variables', async () => {
    assert.equal((await ask({ 'user-agent': 'curl' })).status, 200);
    const seen = backend.seen.at(-1)?.headers ?? {};
    const got = ['x-edge', 'x-client', 'x-place', 'x-agent'].map((name) => seen[name]);
    assert.deepEqual(got, ['100% sluice', '127.0.0.1 GET /cart?n=1', 'default/shop shop:80 shop.example http', 'curl']);
  });

  test('cookies, parameters and other headers are among the variables; other headers are those that the client sent', async () => {
    await ask({ cookie: 'a=1; user=ann; b=2', 'x-edge': 'of the client' });
    const { headers } = backend.seen.at(-1) ?? {};
    assert.deepEqual([headers?.['x-user'], headers?.['x-cookie'], headers?.['x-before']], ['ann 1 /cart?n=1', 'ann', 'of the client']);
    await ask({ cookie: 'xuser=ann', 'x-cookie': 'forged' });
    assert.equal(backend.seen.at(-1)?.headers['x-cookie'], undefined);
  });

  test('$host has no port', async () => {
    for (const host of ['shop.example', 'any.wild.example']) {
      await ask({ host: `${host}:8080` });
      assert.equal(backend.seen.at(-1)?.headers['x-host'], host);
    }
  });

  // At the second one answers have headers of their own.
  for (const host of ['shop.example', 'cors.example']) {
    test(`headers with odd characters in their names are dropped at ${host}`, async () => {
      const { headers } = await ask({ host, 'x.dotted': '1', 'x-us_er': '1', "x'": '1', 'x-fine-2': '1' });
      assert.equal(headers['access-control-allow-origin'], host === 'cors.example' ? '*' : undefined);
      assert.deepEqual(
        Object.keys(backend.seen.at(-1)?.headers ?? {}).filter((name) => name.startsWith('x.') || name.includes('_') || name === "x'" || name === 'x-fine-2'),
        ['x-fine-2'],
      );
    });
  }

  test('a client cannot bring them along, not where the value is empty or cannot be had either', async () => {
    await ask({ 'x-edge': 'forged', 'x-agent': 'forged', 'x-country': 'forged' });
    const seen = backend.seen.at(-1)?.headers ?? {};
    assert.deepEqual([seen['x-edge'], seen['x-agent'], seen['x-country']], ['100% sluice', undefined, undefined]);
  });

  test('nobody learns what the backend is', async () => assert.equal((await ask()).headers['server'], undefined));

  test('HTTP/1.0 is answered, without a host name as all others are', async () => {
    assert.match(await raw('GET / HTTP/1.0\r\nHost: shop.example\r\n\r\n'), /^HTTP\/1\.[01] 200 .*connection: close.*\r\n\r\nshop$/is);
    assert.match(await raw('GET /healthz HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 200 /);
    assert.match(await raw('GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 404 /);
  });

  test('server-tokens names nginx, unless the backend may speak for itself', async () => {
    await stack.write('all.yaml', objects({ 'server-tokens': 'true' }));
    await waitFor('the server nginx', async () => (await ask()).headers['server'] === 'nginx');
    await stack.write('all.yaml', objects({ 'server-tokens': 'true', 'allow-backend-server-header': 'true' }));
    await waitFor('the server secret/1.0', async () => (await ask()).headers['server'] === 'secret/1.0');
    assert.equal((await stack.http('/', { headers: { host: 'nobody.example' } })).headers['server'], 'nginx');
  });

  async function raw(text: string): Promise<string> {
    const socket = connect(stack.httpPort, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
    socket.write(text);
    await once(socket, 'end');
    return answer;
  }
});
