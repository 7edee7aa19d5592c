import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import type { Answer, Ask } from './client.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';
import { assertShare, waitFor } from './wait.ts';

/** One rule for each filter, under a path of its own. */
const rules = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: filters}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {value: /request-headers}}]
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier:
            set: [{name: x-set, value: "100%"}]
            add: [{name: x-add, value: more}]
            remove: [x-remove]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /response-headers}}]
      filters:
        - type: ResponseHeaderModifier
          responseHeaderModifier:
            set: [{name: x-backend, value: hidden}]
            add: [{name: x-add, value: more}]
            remove: [x-secret]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /redirect-scheme}}]
      filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]
    - matches: [{path: {value: /redirect-host}}]
      filters: [{type: RequestRedirect, requestRedirect: {hostname: other.example, port: 8123, statusCode: 302}}]
    - matches: [{path: {value: /redirect-prefix}}]
      filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}, statusCode: 302}}]
    - matches: [{path: {value: /redirect-full}}]
      filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /there}, statusCode: 302}}]
    - matches: [{path: {value: /rewrite-prefix}}]
      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /rewrite-root}}]
      filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /rewrite-full}}]
      filters: [{type: URLRewrite, urlRewrite: {hostname: inside.example, path: {type: ReplaceFullPath, replaceFullPath: /there}}}]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /mirror-all}}]
      filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 80}}}]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /mirror-quarter}}]
      filters: [{type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 80}, percent: 25}}]
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /cors}}]
      filters:
        - type: CORS
          cors:
            allowOrigins: [https://shop.example, "https://*.partner.example"]
            allowMethods: [GET, PUT]
            allowHeaders: [x-token]
            exposeHeaders: [x-backend]
            allowCredentials: true
            maxAge: 600
      backendRefs: [{name: main, port: 80}]
    - matches: [{path: {value: /one-backend}}]
      backendRefs:
        - name: main
          port: 80
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-set, value: main}]}}]
        - name: shadow
          port: 80
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-set, value: shadow}]}}]
    - matches: [{path: {value: /timeout}}]
      timeouts: {request: 300ms}
      backendRefs: [{name: slow, port: 80}]
    - matches: [{path: {value: /no-timeout}}]
      timeouts: {request: 0s}
      backendRefs: [{name: slow, port: 80}]
    - matches: [{path: {value: /unsupported}}]
      filters: [{type: ExtensionRef, extensionRef: {group: example.com, kind: Login, name: required}}]
      backendRefs: [{name: main, port: 80}]`;

suite('filters of HTTPRoute', () => {
  let main: HttpBackend;
  let shadow: HttpBackend;
  let slow: HttpBackend;
  let stack: Stack;

  before(async () => {
    main = await startHttpBackend('main', { behaviour: { headers: { 'x-secret': 'inside' } } });
    shadow = await startHttpBackend('shadow');
    slow = await startHttpBackend('slow', { behaviour: { delayMs: 1000 } });
    const services = [main, shadow, slow].map((backend) => serviceYaml(backend.name, [backend.port]));
    stack = await startStack({ objects: { 'all.yaml': [gatewayYaml, rules, ...services].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    for (const backend of [main, shadow, slow]) await backend?.close();
  });

  const get = (path: string, ask?: Ask): Promise<Answer> => stack.http(path, ask);
  const lastSeen = () => main.seen.at(-1) ?? assert.fail('main was not asked');

  test('RequestHeaderModifier sets, adds and removes', async () => {
    await get('/request-headers', { headers: { 'x-set': 'old', 'x-add': 'some', 'x-remove': 'gone' } });
    const { headers } = lastSeen();
    assert.deepEqual([headers['x-set'], headers['x-add'], headers['x-remove']], ['100%', 'some, more', undefined]);
  });

  test('ResponseHeaderModifier sets, adds and removes', async () => {
    const { headers } = await get('/response-headers');
    assert.deepEqual([headers['x-backend'], headers['x-add'], headers['x-secret']], ['hidden', 'more', undefined]);
  });

  const redirects = [
    { name: 'the scheme', path: '/redirect-scheme/x?q=1', status: 301, location: 'https://shop.example/redirect-scheme/x?q=1' },
    { name: 'host and port', path: '/redirect-host/x?q=1', status: 302, location: 'http://other.example:8123/redirect-host/x?q=1' },
    { name: 'a prefix of the path', path: '/redirect-prefix/x?q=1', status: 302, location: 'http://shop.example/new/x?q=1' },
    { name: 'a prefix that is the path', path: '/redirect-prefix', status: 302, location: 'http://shop.example/new' },
    { name: 'the full path', path: '/redirect-full/x?q=1', status: 302, location: 'http://shop.example/there?q=1' },
  ];
  for (const { name, path, status, location } of redirects) {
    test(`RequestRedirect replaces ${name}`, async () => {
      const answer = await get(path, { headers: { host: 'shop.example' } });
      assert.deepEqual([answer.status, answer.headers.location], [status, location]);
    });
  }

  const rewrites = [
    { path: '/rewrite-prefix/x?q=1', url: '/new/x?q=1' },
    { path: '/rewrite-prefix', url: '/new' },
    { path: '/rewrite-root/x', url: '/x' },
    { path: '/rewrite-root/', url: '/' },
    { path: '/rewrite-root', url: '/' },
    { path: '/rewrite-full/x?q=1', url: '/there?q=1', host: 'inside.example' },
  ];
  for (const { path, url, host } of rewrites) {
    test(`URLRewrite makes ${url} of ${path}`, async () => {
      await get(path, { headers: { host: 'shop.example' } });
      assert.deepEqual([lastSeen().url, lastSeen().headers.host], [url, host ?? 'shop.example']);
    });
  }

  test('RequestMirror copies every request, and its answer is not seen', async () => {
    const before = shadow.count();
    for (let index = 0; index < 20; index++) assert.equal((await get('/mirror-all')).body, 'main');
    await waitFor('20 copies', () => shadow.count() === before + 20);
  });

  test('RequestMirror copies a share', async () => {
    const before = shadow.count();
    const trials = 800;
    for (let index = 0; index < trials; index++) await get('/mirror-quarter');
    await waitFor('about a quarter is copied', () => {
      assertShare(shadow.count() - before, trials, 0.25, 'mirrored');
      return true;
    });
  });

  const preflight = (origin: string): Ask => ({ method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } });
  for (const origin of ['https://shop.example', 'https://a.partner.example']) {
    test(`CORS answers the preflight of ${origin}`, async () => {
      const { status, headers } = await get('/cors', preflight(origin));
      assert.equal(status, 200);
      assert.equal(headers['access-control-allow-origin'], origin);
      assert.match(headers['access-control-allow-methods'] ?? '', /PUT/);
      assert.equal(headers['access-control-allow-headers'], 'x-token');
      assert.equal(headers['access-control-allow-credentials'], 'true');
      assert.equal(headers['access-control-max-age'], '600');
    });
  }

  test('CORS grants nothing to another origin', async () => {
    for (const origin of ['https://evil.example', 'https://partner.example.evil.example', 'http://shop.example']) {
      const { headers } = await get('/cors', preflight(origin));
      assert.equal(headers['access-control-allow-origin'], undefined, origin);
    }
  });

  test('CORS lets the answer of a simple request be read', async () => {
    const { headers } = await get('/cors', { headers: { origin: 'https://shop.example' } });
    assert.deepEqual([headers['access-control-allow-origin'], headers['access-control-expose-headers']], ['https://shop.example', 'x-backend']);
  });

  test('a filter of one backend holds for that one only', async () => {
    for (let index = 0; index < 40; index++) await get('/one-backend');
    const set = (backend: HttpBackend) => new Set(backend.seen.filter(({ url }) => url === '/one-backend').map(({ headers }) => headers['x-set']));
    assert.deepEqual([set(main), set(shadow)], [new Set(['main']), new Set(['shadow'])]);
  });

  test('a request that takes longer than its time-out is answered with 504, without one it is not', async () => {
    assert.equal((await get('/timeout')).status, 504);
    assert.equal((await get('/no-timeout')).status, 200);
  });

  test('a rule with a filter that is not supported is closed, not open', async () => {
    const before = main.count();
    assert.equal((await get('/unsupported')).status, 500);
    assert.equal(main.count(), before);
  });
});
