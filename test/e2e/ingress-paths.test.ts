import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';

/** Annotations without their prefix, then `HOST PATH TYPE SERVICE`. */
const ingresses: readonly (readonly [string, Readonly<Record<string, string>>, ...string[]])[] = [
  ['rx', { 'use-regex': 'true' }, 'rx.example /rx/.* ImplementationSpecific a', 'rx.example /no(?=way) ImplementationSpecific a'],
  ['plain', {}, 'rx.example /bar Prefix b', 'rx.example /Case Exact c'],
  ['rewritten', { 'rewrite-target': '/api/$2', 'x-forwarded-prefix': '/v1' }, 'rw.example /v1(/|$)(.*) ImplementationSpecific a'],
  ['same', { 'rewrite-target': '/same' }, 'same.example /same ImplementationSpecific a'],
  ['slash', {}, 'slash.example /dir/ Prefix a'],
  ['root', { 'app-root': '/home' }, 'root.example /only Prefix a'],
  ['moved', { 'permanent-redirect': 'https://www.example.org/landing', 'permanent-redirect-code': '308' }, 'moved.example / Prefix a'],
  ['forced', { 'force-ssl-redirect': 'true' }, 'forced.example / Prefix a', 'forced.example /.well-known/acme-challenge Prefix b'],
  ['kept', { 'force-ssl-redirect': 'true', 'preserve-trailing-slash': 'true', 'use-port-in-redirects': 'true' }, 'kept.example / Prefix a'],
  ['www', { 'from-to-www-redirect': 'true', 'server-alias': String.raw`also.example, ~^any\d+\.org$, b.example` }, 'www.apex.example / Prefix a'],
  [
    'places',
    {
      'proxy-redirect-from': 'http://internal:8080/',
      'proxy-redirect-to': 'https://places.example/',
      'proxy-cookie-domain': 'internal places.example',
      'proxy-cookie-path': '/app/ /',
    },
    'places.example / Prefix c',
  ],
  ['alias', {}, 'b.example / Prefix b'],
];

const ingressYaml = ingresses.map(([name, annotations, ...paths]) => {
  const rules = paths.map((line) => {
    const [host, path, pathType, service] = line.split(' ');
    return { host, http: { paths: [{ path, pathType, backend: { service: { name: service, port: { number: 80 } } } }] } };
  });
  const prefixed = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]));
  return JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, annotations: prefixed }, spec: { rules } });
});

suite('paths, rewrites and redirects of ingress-nginx', () => {
  let backends: readonly HttpBackend[] = [];
  let stack: Stack;

  before(async () => {
    backends = await Promise.all(['a', 'b', 'c'].map((name) => startHttpBackend(name)));
    stack = await startStack({ objects: { 'all.yaml': [...ingressYaml, ...backends.map(({ name, port }) => serviceYaml(name, [port]))].join('\n---\n') } });
  });
  after(async () => {
    await stack?.close();
    for (const backend of backends) await backend.close();
  });

  const served: readonly (readonly [string, string, string, string])[] = [
    ['rx.example', '/RX/x', 'a', '/RX/x'],
    ['rx.example', '/bar/1', 'b', '/bar/1'],
    ['rx.example', '/barbarian', 'b', '/barbarian'],
    ['rx.example', '/casement', 'c', '/casement'],
    ['rw.example', '/v1/x/y?q=1', 'a', '/api/x/y?q=1'],
    ['rw.example', '/v1/a%20b', 'a', '/api/a%20b'],
    ['rw.example', '/v1/a%2Fb', 'a', '/api/a/b'],
    ['rw.example', '/v1//x/%41', 'a', '/api/x/A'],
    ['same.example', '/same/x', 'a', '/same'],
    ['same.example', '/SAME', 'a', '/SAME'],
    ['slash.example', '/dir/x', 'a', '/dir/x'],
    ['forced.example', '/.well-known/acme-challenge/t', 'b', '/.well-known/acme-challenge/t'],
    ['also.example', '/', 'a', '/'],
    ['any12.org:8080', '/', 'a', '/'],
    ['www.apex.example.', '/', 'a', '/'],
    ['b.example', '/', 'b', '/'],
  ];
  for (const [host, path, name, url] of served) {
    test(`${host}${path} arrives at ${name} as ${url}`, async () => {
      const answer = await stack.http(path, { headers: { host } });
      const seen = backends.find((backend) => backend.name === name)?.seen.at(-1);
      assert.deepEqual([answer.status, answer.body, seen?.url], [200, name, url]);
      assert.equal(seen?.headers['x-forwarded-prefix'], host === 'rw.example' ? '/v1' : undefined);
    });
  }

  const redirected: readonly (readonly [string, string, number, string])[] = [
    ['slash.example', '/dir?q=1', 301, 'http://slash.example/dir/?q=1'],
    ['root.example:8080', '/?x=1', 302, 'http://root.example:8080/home'],
    ['moved.example', '/x/y?z=1', 308, 'https://www.example.org/landing'],
    ['forced.example:8080', '/a/', 308, 'https://forced.example/a'],
    ['forced.example', '/', 308, 'https://forced.example'],
    ['forced.example', '/a/b?c=d', 308, 'https://forced.example/a/b?c=d'],
    ['kept.example', '/p/', 308, 'https://kept.example:443/p/'],
    ['apex.example', '/x/', 308, 'http://www.apex.example:80/x'],
  ];
  for (const [host, path, status, to] of redirected) {
    test(`${host}${path} is sent to ${to}`, async () => {
      const answer = await stack.http(path, { headers: { host } });
      assert.deepEqual([answer.status, answer.headers.location], [status, to]);
    });
  }

  const refused: readonly (readonly [string, string])[] = [
    ['rx.example', '/noway'],
    ['rx.example', '/rest'],
    ['any.org', '/'],
    ['slash.example', '/directory'],
    ['nobody.example', '/'],
  ];
  for (const [host, path] of refused) {
    test(`${host}${path} is not found`, async () => {
      assert.equal((await stack.http(path, { headers: { host } })).status, 404);
    });
  }

  test('the Location and the cookies of a backend are changed where that is asked for', async () => {
    const backend = backends.find(({ name }) => name === 'c');
    assert.ok(backend);
    backend.behaviour.headers = { location: 'http://internal:8080/p', 'set-cookie': 'a=1; Domain=.internal; Path=/app/x; HttpOnly' };
    const asked = await stack.http('/', { headers: { host: 'places.example' } });
    assert.deepEqual([asked.headers.location, asked.headers['set-cookie']], ['https://places.example/p', ['a=1; Domain=.places.example; Path=/x; HttpOnly']]);
    const other = await stack.http('/case', { headers: { host: 'rx.example' } });
    assert.equal(other.headers.location, 'http://internal:8080/p');
    backend.behaviour.headers = {};
  });

  test('load balancers find any host name well', async () => {
    assert.equal((await stack.http('/healthz', { headers: { host: 'nobody.example' } })).status, 200);
  });
});
