import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../e2e/wait.ts';
import { startApiServer } from './apiserver.ts';

test('the test cluster keeps what is applied over a restart, and knows accounts', { timeout: 900_000 }, async () => {
  await using cluster = await startApiServer({ controllers: ['endpointslice-controller'] });
  const { gitVersion } = JSON.parse(await cluster.get('/version')) as { readonly gitVersion: string };
  assert.equal(gitVersion, 'v1.34.4');
  await cluster.apply(`
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: legacy}
spec: {endpoints: [{address: 10.0.0.7, port: 8080}]}
`);
  await waitFor('the controller makes a slice', async () => (await cluster.kubectl(['get', 'endpointslices', '-o', 'name'])).includes('shop-'));
  await cluster.stop();
  await assert.rejects(cluster.get('/readyz'));
  await cluster.start();
  assert.match(await cluster.kubectl(['get', 'backends', '-o', 'name']), /legacy/);

  const reader = cluster.kubeconfigFor(await cluster.serviceAccountToken('default', 'reader'));
  await assert.rejects(cluster.kubectl(['get', 'services', '--kubeconfig', reader]), /system:serviceaccount:default:reader.*cannot list/);
});
