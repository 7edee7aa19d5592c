import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { waitFor } from '../e2e/wait.ts';

const policy = join(import.meta.dirname, '../../deploy/kubernetes/admission-policy.yaml');

const ingress = (annotations: object, path = '/', ingressClassName: string | null = 'sluice'): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', annotations },
  spec: {
    ingressClassName,
    rules: [
      { host: 'shop.example', http: { paths: [{ path, pathType: 'ImplementationSpecific', backend: { service: { name: 'shop', port: { number: 80 } } } }] } },
    ],
  },
});
const nginx = (name: string, value: string): object => ({ [`nginx.ingress.kubernetes.io/${name}`]: value });
const backend = (endpoint: object): object => ({
  apiVersion: 'gateway.sluice.dev/v1alpha1',
  kind: 'Backend',
  metadata: { name: 'vm' },
  spec: { endpoints: [endpoint] },
});

describe('the admission policy in a real API server', { timeout: 1_200_000 }, () => {
  let cluster: ApiServer;
  const create = (object: object): Promise<string> => cluster.kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(object));
  before(async () => {
    cluster = await startApiServer();
    await cluster.apply(policy);
    await waitFor('policies hold', () => Promise.all([refused[0], refused.at(-1)].map((one) => assert.rejects(create(one?.[0] ?? {}), /denied/))), 60_000);
  });
  after(() => cluster?.close());

  const allowed = [
    ingress({}),
    ingress(
      { ...nginx('rewrite-target', '/$2'), ...nginx('auth-url', 'https://auth.example/check?a={b}'), 'example.com/server-snippet': 'proxy_pass' },
      '/api(/|$)(.*)',
    ),
    // Of ingress-nginx, which has its own rules.
    ingress(nginx('configuration-snippet', 'more_set_headers "A: b";'), '/', 'nginx'),
    ingress({ 'kubernetes.io/ingress.class': 'nginx', ...nginx('server-snippet', 'return 200;') }, '/', null),
    backend({ address: '10.0.0.7', port: 80 }),
    backend({ hostname: 'vm.example', port: 80 }),
    backend({ address: '2001:db8::1' }),
  ];
  for (const object of allowed) test(`takes ${JSON.stringify(object)}`, async () => assert.match(await create(object), /created/));

  const refused: readonly (readonly [object, RegExp])[] = [
    [ingress(nginx('configuration-snippet', 'more_set_headers "A: b";')), /snippets are configuration of nginx/],
    [ingress(nginx('server-snippet', 'return 200;')), /snippets are configuration of nginx/],
    [ingress({ 'kubernetes.io/ingress.class': 'sluice', ...nginx('server-snippet', 'return 200;') }, '/', null), /snippets are configuration of nginx/],
    [ingress(nginx('auth-url', 'http://a/;}location /x{content_by_lua ""')), /attempts to inject/],
    [ingress(nginx('mirror-target', 'http://a/var/run/secrets/kubernetes.io')), /attempts to inject/],
    [ingress({}, '/a;}location /x'), /a path holds/],
    [ingress({}, '/a b'), /a path holds/],
    [backend({ address: '169.254.169.254', port: 80 }), /an address of its link/],
    [backend({ address: 'fe80::1' }), /an address of its link/],
    [backend({ address: '::1' }), /Envoy's own machine/],
    [backend({ address: '0.0.0.0' }), /Envoy's own machine/],
    [backend({ hostname: 'a.localhost' }), /Envoy's own machine/],
    [backend({ address: '127.0.0.1', port: 9901 }), /Envoy's own machine/],
  ];
  for (const [object, reason] of refused) test(`refuses ${JSON.stringify(object)}`, () => assert.rejects(create(object), reason));
});
