import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { waitFor } from '../e2e/wait.ts';
import { watchCluster } from './watched-cluster.ts';

let cluster: ApiServer;
before(
  async () => {
    // Without its own memory of events the API server knows what etcd knows, and forgets what that forgets.
    cluster = await startApiServer({ crds: false, flags: ['--watch-cache=false'] });
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

const service = (name: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]}\n`;

test('what the API server does not remember is listed again, and what is missing then is gone in bulk', { timeout: 600_000 }, async () => {
  await cluster.apply(['a', 'b', 'c'].map(service).join('---\n'));
  await using proxy = await startTcpProxy(cluster.port, () => undefined);
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfigThrough(proxy.port), namespaces: ['default'] });
  await waitFor('the first list', () => watched.lists() === 1);
  const unchanged = watched.store.view.get('Service', 'default', 'c');
  proxy.trouble('closed');
  await cluster.kubectl(['delete', 'service', 'a']);
  await cluster.kubectl(['label', 'service', 'b', 'color=blue']);
  await cluster.compact();
  proxy.trouble(undefined);
  await waitFor('what changed', () => watched.store.view.get('Service', 'default', 'b')?.object.metadata.labels?.['color'] === 'blue', 60_000);
  const change = watched.told.find(({ remove }) => remove.some(({ name }) => name === 'a'));
  assert.deepEqual(
    [change?.isBulk, change?.remove, change?.put.map(({ name }) => name)],
    [true, [{ kind: 'Service', namespace: 'default', name: 'a' }], ['b']],
  );
  assert.equal(watched.store.view.get('Service', 'default', 'c'), unchanged);
});

test('a kind whose CRD is missing is told and looked for, and one that goes takes its objects along', { timeout: 600_000 }, async () => {
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig });
  await waitFor('the first list', () => watched.lists() === 1);
  await waitFor('it is told', () => watched.codes().includes('KindMissing HTTPRoute') && watched.codes().includes('KindMissing Backend'));
  await cluster.applyCrds();
  const backend = 'apiVersion: gateway.sluice.dev/v1alpha1\nkind: Backend\nmetadata: {name: a}\nspec: {endpoints: [{address: 10.0.0.7, port: 80}]}\n';
  await cluster.apply(backend);
  await waitFor('the Backend', () => watched.objects('Backend').length === 1, 60_000);
  await waitFor('nothing is missing', () => !watched.codes().some((code) => code.startsWith('KindMissing')), 60_000);
  await cluster.kubectl(['delete', 'crd', 'backends.gateway.sluice.dev']);
  await waitFor('the Backend is gone', () => watched.objects('Backend').length === 0, 60_000);
  await waitFor('it is told again', () => watched.codes().join() === 'KindMissing Backend', 60_000);
});
