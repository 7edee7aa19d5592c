import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { startStack } from './harness.ts';
import { load } from './load.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { assertShare, waitFor } from './wait.ts';

test('a sidecar reaches the Services that it names, under each of their names, and no others', async () => {
  await using catalog = await startHttpBackend('catalog');
  await using invoices = await startHttpBackend('invoices');
  await using secret = await startHttpBackend('secret');
  await using app = await startHttpBackend('app');
  const [outbound, inbound] = [await freePort(), await freePort()];
  const sidecar = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Sidecar
metadata: {name: storefront}
spec:
  service: storefront
  reach: [catalog, billing/invoices]
  outbound: {address: 127.0.0.1, port: ${outbound}}
  inbound: [{port: ${inbound}, to: "127.0.0.1:${app.port}"}]`;
  const services = [
    serviceYaml('storefront', [app.port]),
    serviceYaml('catalog', [catalog.port]),
    serviceYaml('invoices', [invoices.port], { namespace: 'billing' }),
    serviceYaml('secret', [secret.port]),
  ];
  await using stack = await startStack({
    objects: { 'all.yaml': [gatewayYaml, sidecar, ...services].join('\n---') },
    envoys: ['sidecar/default/storefront'],
  });
  const call = (host: string) => http(outbound, '/', { headers: { host } });
  const suffixes = ['', '.default', '.default.svc', '.default.svc.cluster.local'];
  for (const host of suffixes.flatMap((suffix) => [`catalog${suffix}`, `catalog${suffix}:80`])) {
    assert.deepEqual([(await call(host)).status, (await call(host)).body], [200, 'catalog'], host);
  }
  assert.equal((await call('invoices.billing')).body, 'invoices');
  for (const host of ['invoices', 'secret', 'secret.default', 'elsewhere.example']) assert.equal((await call(host)).status, 404, host);
  const own = await http(inbound, '/', { headers: { host: 'anything.example' } });
  assert.deepEqual([own.status, own.body], [200, 'app']);
  assert.equal(secret.count(), 0);
  assert.equal(stack.server().ads.nodes()[0]?.group, 'sidecar/default/storefront');
});

test('an HTTPRoute whose parent is a Service splits the calls of sidecars', async () => {
  await using v1 = await startHttpBackend('v1');
  await using v2 = await startHttpBackend('v2');
  await using app = await startHttpBackend('app');
  const outbound = await freePort();
  const objects = (share: number): string =>
    [
      `
apiVersion: gateway.sluice.dev/v1alpha1
kind: Sidecar
metadata: {name: storefront}
spec:
  service: storefront
  reach: [catalog]
  outbound: {address: 127.0.0.1, port: ${outbound}}`,
      `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: catalog}
spec:
  parentRefs: [{group: "", kind: Service, name: catalog, port: 80}]
  rules:
    - backendRefs: [{name: catalog, port: 80, weight: ${100 - share}}, {name: catalog-v2, port: 80, weight: ${share}}]`,
      serviceYaml('storefront', [app.port]),
      serviceYaml('catalog', [v1.port]),
      serviceYaml('catalog-v2', [v2.port]),
    ].join('\n---');
  await using stack = await startStack({ objects: { 'all.yaml': objects(20) }, envoys: ['sidecar/default/storefront'] });
  const first = await load({ port: outbound, headers: { host: 'catalog' }, rate: 300, seconds: 3 });
  assert.equal(first.failed, 0);
  assertShare(first.by['v2'] ?? 0, first.sent, 0.2, 'share of v2');
  await stack.write('all.yaml', objects(100));
  await waitFor(
    'all calls go to v2',
    async () => (await load({ port: outbound, headers: { host: 'catalog' }, rate: 100, seconds: 0.5 })).by['v1'] === undefined,
  );
});
