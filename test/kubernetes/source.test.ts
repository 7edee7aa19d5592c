import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { startServer } from '../../src/server/server.ts';
import { reflect } from '../../src/source/cluster/reflector.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { waitFor } from '../e2e/wait.ts';
import { clusterOptions } from './cluster-server.ts';
import { watchCluster } from './watched-cluster.ts';

let cluster: ApiServer;
before(
  async () => {
    cluster = await startApiServer();
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

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

/** The account `sluice` of a namespace, which may there what the rules say. */
const account = (of: string, ...rules: readonly string[]): string => `apiVersion: v1
kind: ServiceAccount
metadata: {namespace: ${of}, name: sluice}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: ${of}, name: sluice}
rules: [${rules.join(', ')}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: ${of}, name: sluice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: sluice}
subjects: [{kind: ServiceAccount, name: sluice}]
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
  assert.match(watched.store.view.get('Service', 'drop', 'a')?.age ?? '', /^20\d\d-.* drop\/a Service$/);
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
  await waitFor('all is read again', () => watched.objects('Service').join() === 'Service away/b,Service away/c', 60_000);
  await waitFor('nothing is said any more', () => !watched.codes().some((code) => code.startsWith('SourceUnavailable')), 60_000);
});

test('a watch that is cut goes on; one that is stalled without a word is found', { timeout: 600_000 }, async () => {
  await namespace('cut');
  await using proxy = await startTcpProxy(cluster.port, () => undefined);
  await using watched = watchCluster({ kubeconfig: cluster.kubeconfigThrough(proxy.port), namespaces: ['cut'] });
  await waitFor('the first list', () => watched.lists() === 1);
  // A watch that is cut before it began would be told.
  await sleep(2000);
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
  await cluster.apply(account('rbac', '{apiGroups: [""], resources: [services], verbs: [list, watch]}'));
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
  await waitFor('the Ingress', () => watched.objects('Ingress').length === 1, 60_000);
  await waitFor('nothing is said any more', () => !watched.codes().includes('KindForbidden Ingress rbac/*'));
});

test('a Secret that may be listed and not read is told, the rest goes on, and it follows once it may', async () => {
  await namespace('get');
  const rules = [
    '{apiGroups: [""], resources: [secrets], verbs: [list, watch]}',
    '{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [list, watch]}',
  ];
  await cluster.apply(account('get', ...rules));
  const secret = (await tlsSecretYaml('used', ['a.example'])).replace('metadata:', 'metadata:\n  namespace: get');
  await cluster.apply([secret, ingress('get', 'a', 'used')].join('\n---\n'));
  const kubeconfig = cluster.kubeconfigFor(await cluster.serviceAccountToken('get', 'sluice'));
  await using watched = watchCluster({ kubeconfig, namespaces: ['get'] });
  await waitFor('the first list', () => watched.lists() === 1);
  assert.deepEqual(watched.objects('Secret', 'Ingress'), ['Ingress get/a']);
  await waitFor('it is told', () => watched.codes().includes('KindForbidden Secret get/used'));
  assert.ok(watched.store.sources()[0]?.unread?.includes('Secret get/used'));
  await cluster.kubectl(['patch', 'role', '-n', 'get', 'sluice', '--type=json', '-p', '[{"op":"add","path":"/rules/0/verbs/-","value":"get"}]']);
  await waitFor('the Secret', () => watched.objects('Secret').length === 1, 60_000);
  await waitFor('nothing is said any more', () => !watched.codes().includes('KindForbidden Secret get/used'));
});

test('a server is ready without a kind that may not be read, and says which that is', async (t) => {
  await namespace('ready');
  const all = '[list, watch]';
  await cluster.apply(`apiVersion: v1
kind: ServiceAccount
metadata: {namespace: ready, name: sluice}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ready}
rules:
- {apiGroups: ["", apps, discovery.k8s.io, gateway.networking.k8s.io, gateway.sluice.dev], resources: ["*"], verbs: ${all}}
- {apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: ${all}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ready}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ready}
subjects: [{kind: ServiceAccount, namespace: ready, name: sluice}]
`);
  const server = await startServer({
    ...clusterOptions(cluster.kubeconfigFor(await cluster.serviceAccountToken('ready', 'sluice')), ['ready']),
    readOnly: true,
  });
  t.after(() => server.stop());
  const readyz = async (): Promise<string> => {
    const answer = await fetch(`http://${server.adminAddress}/readyz`);
    return `${answer.status} ${await answer.text()}`;
  };
  const without = `200 ready, without what may not be read: Ingress ready/* of kubernetes:127.0.0.1:${cluster.port}`;
  await waitFor(without, async () => (await readyz()) === without, 60_000);
  const rules = '[{"op":"add","path":"/rules/1/resources/-","value":"ingresses"}]';
  await cluster.kubectl(['patch', 'clusterrole', 'ready', '--type=json', '-p', rules]);
  await waitFor('nothing is missing', async () => (await readyz()) === '200 ready', 60_000);
});

test('a watch goes on from the bookmark that the one before it got, though none of its objects changed', { timeout: 600_000 }, async () => {
  for (const name of ['bookmarks', 'elsewhere']) await namespace(name);
  await cluster.apply(service('bookmarks', 'a'));
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  const versions: number[] = [];
  const events: unknown[] = [];
  const ending = new AbortController();
  let lists = 0;
  const reading = reflect(
    {
      client: {
        ...client,
        stream(asked) {
          versions.push(Number(asked.query?.['resourceVersion']));
          return client.stream(asked);
        },
      },
      clock: systemClock,
      // The shortest watch: the API server sends a bookmark two seconds before its end.
      random: () => 0,
      find: async () => '/api/v1/namespaces/bookmarks/services',
      query: {},
      isMetadataOnly: false,
      onPage: async () => undefined,
      onListed: () => (lists += 1),
      onEvents: (some) => events.push(...some),
      onState: () => undefined,
    },
    ending.signal,
  );
  try {
    await waitFor('the first watch', () => versions.length === 1);
    await cluster.apply(service('elsewhere', 'b'));
    const read = JSON.parse(await cluster.get('/api/v1/namespaces/elsewhere/services/b')) as { readonly metadata: { readonly resourceVersion: string } };
    await waitFor('the second watch', () => versions.length === 2, 120_000);
    const [first = 0, second = 0] = versions;
    const changedAt = Number(read.metadata.resourceVersion);
    assert.ok(first < changedAt && changedAt <= second, `listed at ${first}, changed elsewhere at ${changedAt}, watched from ${second} on`);
    assert.deepEqual([lists, events], [1, []]);
  } finally {
    ending.abort();
    await reading;
    client.close();
  }
});

test('a token that runs out is followed by the next one', { timeout: 600_000 }, async () => {
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
  await waitFor('the Service', () => watched.objects('Service').length === 1, 60_000);
  await waitFor('nothing is said any more', () => !watched.codes().some((code) => code.startsWith('SourceUnavailable')), 60_000);
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

test('objects of the largest size, and many of them, are read in pages', { timeout: 600_000 }, async () => {
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
  await waitFor('the first list', () => watched.lists() === 1, 60_000);
  assert.equal(watched.objects('Service').length, 450);
  assert.deepEqual(watched.objects('ConfigMap'), ['ConfigMap large/used']);
});
