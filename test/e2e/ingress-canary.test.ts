import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Stack, startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const main = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a-main}
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: main, port: {number: 80}}}}
          - {path: /also, pathType: Exact, backend: {service: {name: main, port: {number: 80}}}}`;

const canary = (annotations: Readonly<Record<string, string>>): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: b-canary
  annotations: ${JSON.stringify(Object.fromEntries(Object.entries({ canary: 'true', ...annotations }).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])))}
spec: {rules: [{host: shop.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: canary, port: {number: 80}}}}]}}]}`;

suite('canaries of Ingresses', () => {
  let backends: readonly HttpBackend[] = [];
  let stack: Stack;

  before(async () => {
    backends = await Promise.all(['main', 'canary'].map((name) => startHttpBackend(name)));
    const services = Object.fromEntries(backends.map(({ name, port }) => [`${name}.yaml`, serviceYaml(name, [port])]));
    const annotations = { 'canary-by-header': 'X-Canary', 'canary-by-cookie': 'tester', 'canary-weight': '0' };
    stack = await startStack({ objects: { ...services, 'ingress.yaml': [main, canary(annotations)].join('\n---') } });
  });
  after(async () => {
    await stack?.close();
    for (const backend of backends) await backend.close();
  });

  const answerer = async (headers: Readonly<Record<string, string>> = {}, path = '/'): Promise<string> =>
    (await stack.http(path, { headers: { host: 'shop.example', ...headers } })).body;

  const cases: readonly [headers: Readonly<Record<string, string>>, expected: string][] = [
    [{}, 'main'],
    [{ 'x-canary': 'always' }, 'canary'],
    [{ 'x-canary': 'always', cookie: 'tester=never' }, 'canary'],
    [{ 'x-canary': 'never', cookie: 'tester=always' }, 'main'],
    [{ 'x-canary': 'other', cookie: 'tester=always' }, 'canary'],
    [{ cookie: 'a=1; tester=always; b=2' }, 'canary'],
    [{ cookie: 'atester=always' }, 'main'],
    [{ cookie: 'tester=alwaysnot' }, 'main'],
  ];
  for (const [headers, expected] of cases) {
    test(`${JSON.stringify(headers)} goes to ${expected}`, async () => assert.equal(await answerer(headers), expected));
  }

  test('it reaches every location of the main Service', async () => assert.equal(await answerer({ 'x-canary': 'always' }, '/also'), 'canary'));

  test('a canary without endpoints leaves all to the main Service, a main Service without them is 503', async () => {
    await stack.write('ingress.yaml', [main, canary({ 'canary-weight': '100' })].join('\n---'));
    await waitFor('the canary takes all', async () => (await answerer()) === 'canary');
    await stack.write('canary.yaml', serviceYaml('canary', []));
    await waitFor('the main Service takes all', async () => (await answerer()) === 'main');
    const [, canaryBackend] = backends;
    await stack.write('canary.yaml', serviceYaml('canary', [canaryBackend?.port ?? 0]));
    await waitFor('the canary takes all again', async () => (await answerer()) === 'canary');
    await stack.write('main.yaml', serviceYaml('main', []));
    await waitFor('nobody answers', async () => (await stack.http('/', { headers: { host: 'shop.example' } })).status === 503);
  });
});
