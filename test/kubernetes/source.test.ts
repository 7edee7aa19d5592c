import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { waitFor } from '../e2e/wait.ts';
import { watchCluster } from './watched-cluster.ts';

let cluster: ApiServer;
before(
  async () => {
    cluster = await startApiServer();
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

const admin = (): string => /"token":"([^"]+)"/.exec(readFileSync(cluster.kubeconfig, 'utf8'))?.[1] ?? '';

async function namespace(name: string): Promise<void> {
  await cluster.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`);
}

const service = (of: string, name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {namespace: ${of}, name: ${name}}\nspec: {ports: [{port: 80}]}\n`;

const configMap = (of: string, name: string, value = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: ${of}, name: ${name}}\ndata: {ca.crt: ${value}}\n`;

const ingress = (of: string, name: string, tls: string): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: ${of}, name: ${name}}
spec:
  ingressClassName: sluice
  tls: [{hosts: [a.example], secretName: ${tls}}]
  rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]
`;

test('only those Secrets and ConfigMaps are read that something refers to, and what refers to a new one waits for it', async () => {
  await namespace('refs');
  const secret = async (name: string): Promise<string> => (await tlsSecretYaml(name, ['a.example'])).replace('metadata:', 'metadata:\n  namespace: refs');
  await cluster.apply(
    [await secret('used'), await secret('unused'), await secret('later'), configMap('refs', 'none'), ingress('refs', 'a', 'used')].join('\n---\n'),
  );
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig, namespaces: ['refs'] });
  await waitFor('the first list', () => watched.lists() === 1);
  assert.deepEqual(watched.objects('Secret', 'ConfigMap', 'Ingress', 'Namespace'), ['Ingress refs/a', 'Namespace refs', 'Secret refs/used']);

  await cluster.apply(ingress('refs', 'a', 'later'));
  await waitFor('the other Secret', () => watched.objects('Secret').includes('Secret refs/later') && watched.objects('Secret').length === 1);
  const order = watched.changes.filter(({ kind, before, after }) => (kind === 'Ingress' ? before : kind === 'Secret' && after && after.name === 'later'));
  assert.deepEqual(
    order.map(({ kind }) => kind),
    ['Secret', 'Ingress'],
  );

  const before = watched.store.view.get('Secret', 'refs', 'later')?.object.data;
  await cluster.apply(await secret('later'));
  await waitFor('the renewed certificate', () => watched.store.view.get('Secret', 'refs', 'later')?.object.data?.['tls.crt'] !== before?.['tls.crt']);
  await cluster.kubectl(['delete', 'secret', '-n', 'refs', 'later']);
  await waitFor('the Secret is gone', () => watched.objects('Secret').length === 0);
  assert.equal(watched.lists(), 1);
});

test('what nobody needs is dropped, and a change of nothing else is no change', async () => {
  await namespace('drop');
  await cluster.apply(service('drop', 'a'));
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig, namespaces: ['drop'] });
  await waitFor('the first list', () => watched.lists() === 1);
  const metadata = watched.store.view.get('Service', 'drop', 'a')?.object.metadata ?? {};
  assert.deepEqual(Object.keys(metadata).sort(), ['creationTimestamp', 'name', 'namespace', 'uid']);
  assert.match(watched.store.view.get('Service', 'drop', 'a')?.age ?? '', /^20\d\d-.* Service\/drop\/a$/);
  await cluster.kubectl(['patch', 'service', '-n', 'drop', 'a', '--type=merge', '-p', '{"spec":{"type":"LoadBalancer"}}']);
  await waitFor('the type', () => watched.store.view.get('Service', 'drop', 'a')?.object.spec.type === 'LoadBalancer');
  const status = '{"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.1"}]}}}';
  await cluster.kubectl(['patch', 'service', '-n', 'drop', 'a', '--subresource=status', '--type=merge', '-p', status]);
  await cluster.apply(service('drop', 'b'));
  await waitFor('the other Service', () => watched.objects('Service').length === 2);
  assert.deepEqual(watched.changes.filter(({ name }) => name === 'a').length, 2);
  assert.ok(watched.told.every(({ heardAt }) => heardAt !== undefined));
});

test('an API server that goes and comes back: what was read stays, and what happened meanwhile follows', async () => {
  await namespace('away');
  await cluster.apply([service('away', 'a'), service('away', 'b')].join('---\n'));
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig, namespaces: ['away'] });
  await waitFor('the first list', () => watched.lists() === 1);
  await cluster.stop();
  await waitFor('it is told', () => watched.codes().some((code) => code.startsWith('SourceUnavailable')));
  assert.deepEqual(watched.objects('Service'), ['Service away/a', 'Service away/b']);
  await cluster.start();
  await cluster.apply(service('away', 'c'));
  await cluster.kubectl(['delete', 'service', '-n', 'away', 'a']);
  await waitFor('all is read again', () => watched.objects('Service').join() === 'Service away/b,Service away/c', 30_000);
  await waitFor('nothing is said any more', () => !watched.codes().some((code) => code.startsWith('SourceUnavailable')), 30_000);
});

test('a watch that is cut goes on; one that is stalled without a word is found', { timeout: 180_000 }, async () => {
  await namespace('cut');
  await using proxy = await startTcpProxy(cluster.port, () => undefined);
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfigFor(admin(), proxy.port), namespaces: ['cut'] });
  await waitFor('the first list', () => watched.lists() === 1);
  proxy.trouble('cut');
  await cluster.apply(service('cut', 'a'));
  await waitFor('the first Service', () => watched.objects('Service').length === 1);
  assert.ok(!watched.codes().some((code) => code.startsWith('SourceUnavailable')));
  // Connections of this moment stay dead; new ones work.
  proxy.strand();
  await cluster.apply(service('cut', 'b'));
  await waitFor('the second Service', () => watched.objects('Service').length === 2, 90_000);
});

test('a kind that may not be read is told, the rest goes on, and it follows once it may', async () => {
  await namespace('rbac');
  await cluster.apply(`apiVersion: v1
kind: ServiceAccount
metadata: {namespace: rbac, name: sluice}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: rbac, name: sluice}
rules: [{apiGroups: [""], resources: [services], verbs: [list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: rbac, name: sluice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: sluice}
subjects: [{kind: ServiceAccount, name: sluice}]
`);
  await cluster.apply([service('rbac', 'a'), ingress('rbac', 'a', 'none')].join('---\n'));
  const kubeconfig = cluster.kubeconfigFor(await cluster.serviceAccountToken('rbac', 'sluice'));
  await using watched = watchCluster({ kubeconfig, namespaces: ['rbac'] });
  await waitFor('the first list', () => watched.lists() === 1);
  assert.deepEqual(watched.objects('Service', 'Ingress'), ['Service rbac/a']);
  assert.ok(watched.codes().includes('KindForbidden Ingress rbac/*'));
  assert.ok(watched.store.sources()[0]?.unread?.includes('Ingress rbac/*'));
  assert.ok(watched.store.diagnostics().some(({ message }) => message.includes('cannot list resource "ingresses"')));
  const rules = '[{"op":"add","path":"/rules/-","value":{"apiGroups":["networking.k8s.io"],"resources":["ingresses"],"verbs":["list","watch"]}}]';
  await cluster.kubectl(['patch', 'role', '-n', 'rbac', 'sluice', '--type=json', '-p', rules]);
  await waitFor('the Ingress', () => watched.objects('Ingress').length === 1, 20_000);
  await waitFor('nothing is said any more', () => !watched.codes().includes('KindForbidden Ingress rbac/*'));
});

test('a token that runs out is followed by the next one', { timeout: 120_000 }, async () => {
  await namespace('token');
  await cluster.apply(`apiVersion: v1
kind: ServiceAccount
metadata: {namespace: token, name: sluice}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: token}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, namespace: token, name: sluice}]
`);
  const old = await cluster.serviceAccountToken('token', 'sluice', 3);
  const kubeconfig = cluster.kubeconfigFor(old);
  await using proxy = await startTcpProxy(cluster.port, () => undefined);
  writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace(`:${cluster.port}`, `:${proxy.port}`));
  await using watched = watchCluster({ kubeconfig, namespaces: ['token'] });
  await waitFor('the first list', () => watched.lists() === 1);
  // The API server remembers a token for ten seconds.
  await sleep(14_000);
  proxy.trouble('cut');
  await waitFor('it is refused', () => watched.codes().some((code) => code.startsWith('SourceUnavailable')));
  writeFileSync(kubeconfig, readFileSync(kubeconfig, 'utf8').replace(old, await cluster.serviceAccountToken('token', 'sluice')));
  await cluster.apply(service('token', 'a'));
  await waitFor('the Service', () => watched.objects('Service').length === 1, 20_000);
  await waitFor('nothing is said any more', () => !watched.codes().some((code) => code.startsWith('SourceUnavailable')), 20_000);
});

test('labels choose what takes requests in, and nothing else', async () => {
  await namespace('labels');
  await cluster.apply(
    [service('labels', 'a'), ingress('labels', 'a', 'none'), ingress('labels', 'b', 'none').replace('name: b', 'name: b, labels: {team: shop}')].join('---\n'),
  );
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig, namespaces: ['labels'], selector: 'team=shop' });
  await waitFor('the first list', () => watched.lists() === 1);
  assert.deepEqual(watched.objects('Service', 'Ingress'), ['Ingress labels/b', 'Service labels/a']);
});

test('objects of the largest size, and many of them, are read in pages', { timeout: 180_000 }, async () => {
  await namespace('large');
  const many = Array.from({ length: 450 }, (_, number) => service('large', `s${number}`)).join('---\n');
  await cluster.apply([many, configMap('large', 'big', 'x'.repeat(1_000_000)), configMap('large', 'used', 'y'.repeat(1_000_000))].join('---\n'));
  await cluster.apply(`apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {namespace: large, name: a}
spec:
  targetRefs: [{group: "", kind: Service, name: s0}]
  validation: {hostname: a.example, caCertificateRefs: [{group: "", kind: ConfigMap, name: used}]}
`);
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfig, namespaces: ['large'] });
  await waitFor('the first list', () => watched.lists() === 1, 30_000);
  assert.equal(watched.objects('Service').length, 450);
  assert.deepEqual(watched.objects('ConfigMap'), ['ConfigMap large/used']);
});
