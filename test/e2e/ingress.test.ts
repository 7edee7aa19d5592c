import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';

/** As on ingress-nginx, the default backend of an Ingress without rules is that of every host that no rule names. */
const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: fallback}
spec: {defaultBackend: {service: {name: fallback, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  tls: [{hosts: [secure.example], secretName: secure}]
  rules:
    - host: shop.example
      http:
        paths:
          - {path: /exact, pathType: Exact, backend: {service: {name: exact, port: {number: 80}}}}
          - {path: /prefix, pathType: Prefix, backend: {service: {name: prefix, port: {name: http}}}}
          - {path: /prefix/longer, pathType: Prefix, backend: {service: {name: longer, port: {name: http}}}}
          - {path: /, pathType: Prefix, backend: {service: {name: root, port: {number: 80}}}}
    - host: "*.wild.example"
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: wild, port: {number: 80}}}}]
    - host: secure.example
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: secure, port: {number: 80}}}}]
    - host: broken.example
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: nowhere, port: {number: 80}}}}
          - {path: /works, pathType: Prefix, backend: {service: {name: root, port: {number: 80}}}}`;

suite('Ingress', () => {
  const names = ['exact', 'prefix', 'longer', 'root', 'wild', 'secure', 'fallback'];
  let backends: readonly HttpBackend[] = [];
  let stack: Stack;

  before(async () => {
    backends = await Promise.all(names.map((name) => startHttpBackend(name)));
    const services = backends.map(({ name, port }) => serviceYaml(name, [port]));
    stack = await startStack({ objects: { 'all.yaml': [ingress, await tlsSecretYaml('secure', ['secure.example']), ...services].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    for (const backend of backends) await backend.close();
  });

  const cases = [
    ['shop.example', '/exact', 'exact'],
    ['shop.example', '/exact/', 'root'],
    ['shop.example', '/exactly', 'root'],
    ['shop.example', '/prefix', 'prefix'],
    ['shop.example', '/prefix/', 'prefix'],
    ['shop.example', '/prefix/x', 'prefix'],
    ['shop.example', '/prefixed', 'root'],
    ['shop.example', '/prefix/longer', 'longer'],
    ['shop.example', '/prefix/longer/x', 'longer'],
    ['SHOP.example', '/prefix', 'prefix'],
    ['shop.example:8080', '/prefix', 'prefix'],
    ['a.wild.example', '/', 'wild'],
    ['wild.example', '/', 'fallback'],
    ['elsewhere.example', '/x', 'fallback'],
    ['broken.example', '/works', 'root'],
  ] as const;
  for (const [host, path, expected] of cases) {
    test(`${host}${path} goes to ${expected}`, async () => {
      const answer = await stack.http(path, { headers: { host } });
      assert.deepEqual([answer.status, answer.body], [200, expected]);
    });
  }

  test('a wildcard stands for one label only', async () => {
    assert.notEqual((await stack.http('/', { headers: { host: 'a.b.wild.example' } })).body, 'wild');
  });

  test('a host with a certificate is served by HTTPS, and HTTP leads there', async () => {
    const answer = await stack.https('/x', { headers: { host: 'secure.example' } });
    assert.deepEqual([answer.status, answer.body, answer.certificate?.subjectaltname], [200, 'secure', 'DNS:secure.example']);
    const plain = await stack.http('/x?q=1', { headers: { host: 'secure.example' } });
    assert.deepEqual([plain.status, plain.headers.location], [308, 'https://secure.example/x?q=1']);
  });

  test('a path whose Service does not exist harms only itself, and says so', async () => {
    assert.ok((await stack.http('/', { headers: { host: 'broken.example' } })).status >= 500);
    const found = stack
      .server()
      .engine.diagnostics()
      .filter(({ message }) => message.includes('nowhere'));
    assert.ok(found.length > 0 && found.every(({ at, remedy }) => at.line !== undefined && remedy !== undefined), JSON.stringify(found));
  });
});
