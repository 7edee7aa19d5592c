import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test';
import type { Condition } from '../../src/conditions/condition.ts';
import type { IngressSettings } from '../../src/settings.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { gatewayClassYaml, serviceYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { type ClusterServer, startClusterServer } from './cluster-server.ts';

const apis = {
  gateways: 'gateway.networking.k8s.io/v1',
  httproutes: 'gateway.networking.k8s.io/v1',
  backendtlspolicies: 'gateway.networking.k8s.io/v1',
  backendpolicies: 'gateway.sluice.dev/v1alpha1',
  trafficpolicies: 'gateway.sluice.dev/v1alpha1',
  backends: 'gateway.sluice.dev/v1alpha1',
  ingresses: 'networking.k8s.io/v1',
} as const;

interface Entry {
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
  readonly parentRef?: { readonly name: string };
  readonly ancestorRef?: { readonly kind: string; readonly name: string };
}

interface Live {
  readonly metadata: { readonly generation: number; readonly resourceVersion: string };
  readonly status: {
    readonly conditions?: readonly Condition[];
    readonly listeners?: readonly {
      readonly name: string;
      readonly attachedRoutes: number;
      readonly supportedKinds: readonly { readonly kind: string }[];
      readonly conditions: readonly Condition[];
    }[];
    readonly addresses?: readonly { readonly type: string; readonly value: string }[];
    readonly parents?: readonly Entry[];
    readonly ancestors?: readonly Entry[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

const gatewayOf = (name: string, port: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: ${port}, protocol: HTTP}]
`;

const routeOf = (name: string, gateway: string, rules: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: ${gateway}}]
  hostnames: [${name}.example]
  rules: ${rules}
`;

const toShop = '[{backendRefs: [{name: shop, port: 80}]}]';

/** `TYPE=STATUS REASON` of each condition. */
const words = (conditions: readonly Condition[] = []): string => conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`).join(', ');

describe('what became of objects is written into their status', { timeout: 900_000 }, () => {
  let cluster: ApiServer;
  before(
    async () => {
      cluster = await startApiServer();
      await cluster.apply(gatewayClassYaml);
      await cluster.apply(serviceYaml('shop', []));
    },
    { timeout: 900_000 },
  );
  after(() => cluster?.close());
  // Gateways of one group share their ports.
  beforeEach(() => cluster.kubectl(['delete', 'gateways,httproutes', '--all']));

  const read = async (plural: keyof typeof apis, name: string): Promise<Live> =>
    JSON.parse(await cluster.get(`/apis/${apis[plural]}/namespaces/default/${plural}/${name}`));

  /** Waits until an object says this. */
  async function says(plural: keyof typeof apis, name: string, expected: string, of: (live: Live) => string, withinMs = 60_000): Promise<Live> {
    let live: Live | undefined;
    await waitFor(
      `${plural} ${name} says ${expected}`,
      async () => {
        live = await read(plural, name);
        assert.equal(of({ ...live, status: live.status ?? {} }), expected);
        return true;
      },
      withinMs,
    );
    return live as Live;
  }

  const start = (t: TestContext, ingress: Partial<IngressSettings> = {}): Promise<ClusterServer> => startClusterServer(t, cluster.kubeconfig, ingress);

  test('a Gateway and its routes are programmed once an Envoy has them, with one write each', async (t) => {
    const { envoy, writes } = await start(t);
    await cluster.apply(gatewayOf('programmed', 80));
    await cluster.apply(routeOf('programmed', 'programmed', toShop));
    await says('gateways', 'programmed', 'Accepted=True Accepted, Programmed=False NoResources', ({ status }) => words(status.conditions));
    const routeWords = ({ status }: Live): string => words(status.parents?.[0]?.conditions);
    await says('httproutes', 'programmed', 'Accepted=True Accepted, ResolvedRefs=True ResolvedRefs, Programmed=False NoResources', routeWords);
    await envoy();
    const gateway = await says('gateways', 'programmed', 'Accepted=True Accepted, Programmed=True Programmed', ({ status }) => words(status.conditions));
    const [listener] = gateway.status.listeners ?? [];
    assert.deepEqual(
      [listener?.name, listener?.attachedRoutes, listener?.supportedKinds.map(({ kind }) => kind), words(listener?.conditions)],
      [
        'http',
        1,
        ['HTTPRoute', 'GRPCRoute'],
        'Accepted=True Accepted, Conflicted=False NoConflicts, ResolvedRefs=True ResolvedRefs, Programmed=True Programmed',
      ],
    );
    const programmed = 'Accepted=True Accepted, ResolvedRefs=True ResolvedRefs, Programmed=True Programmed';
    await says('httproutes', 'programmed', programmed, routeWords);
    const gatewayClass = JSON.parse(await cluster.get('/apis/gateway.networking.k8s.io/v1/gatewayclasses/sluice')) as Live;
    assert.match(words(gatewayClass.status.conditions), /Accepted=True Accepted/);
    // What is answered is counted a moment later.
    const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3000));
    await quiet();
    // One change, one write: of the route alone, and what it says is of its newest generation.
    const before = await writes('status');
    const { metadata } = await read('httproutes', 'programmed');
    await cluster.apply(routeOf('programmed', 'programmed', '[{matches: [{path: {type: PathPrefix, value: /shop}}], backendRefs: [{name: shop, port: 80}]}]'));
    const changed = await says('httproutes', 'programmed', `${metadata.generation + 1} ${programmed}`, (live) => {
      const conditions = live.status.parents?.[0]?.conditions;
      return `${conditions?.[0]?.observedGeneration} ${words(conditions)}`;
    });
    assert.equal(changed.status.parents?.length, 1);
    // What says nothing new of it is no reason to write.
    await cluster.kubectl(['label', 'httproute', 'programmed', 'changed=yes']);
    await cluster.apply(serviceYaml('other', []));
    await quiet();
    assert.deepEqual(await writes('status'), { ...before, 'HTTPRoute written': (before['HTTPRoute written'] ?? 0) + 1 });
  });

  test('mistakes are told at the object, for each parent and rule', async (t) => {
    const { envoy } = await start(t);
    await envoy();
    await cluster.apply(gatewayOf('mistakes', 80).replace('spec:', 'spec:').replace('protocol: HTTP}', 'protocol: HTTP, hostname: "*.example"}'));
    await cluster.apply(routeOf('missing', 'mistakes', '[{backendRefs: [{name: nothing, port: 80}]}]'));
    const conditionsOf = ({ status }: Live): readonly Condition[] => status.parents?.[0]?.conditions ?? [];
    const missing = await says('httproutes', 'missing', 'False BackendNotFound', (live) => {
      const found = conditionsOf(live).find(({ type }) => type === 'ResolvedRefs');
      return `${found?.status} ${found?.reason}`;
    });
    assert.match(conditionsOf(missing).find(({ type }) => type === 'ResolvedRefs')?.message ?? '', /Service default\/nothing/);
    const partly =
      '[{matches: [{path: {type: RegularExpression, value: "(("}}], backendRefs: [{name: shop, port: 80}]}, {backendRefs: [{name: shop, port: 80}]}]';
    await cluster.apply(routeOf('partly', 'mistakes', partly));
    await says('httproutes', 'partly', 'Accepted=True Accepted, PartiallyInvalid=True UnsupportedValue', (live) =>
      words(conditionsOf(live).filter(({ type }) => type === 'Accepted' || type === 'PartiallyInvalid')),
    );
    await cluster.apply(routeOf('elsewhere', 'mistakes', toShop).replace('elsewhere.example', 'elsewhere.test'));
    await says('httproutes', 'elsewhere', 'Accepted=False NoMatchingListenerHostname', (live) => words(conditionsOf(live).slice(0, 1)));
    await cluster.apply(routeOf('lost', 'nobody', toShop));
    await cluster.apply(gatewayOf('second', 80).replace('protocol: HTTP}', 'protocol: HTTP, hostname: "*.example"}'));
    const second = await says('gateways', 'second', 'Accepted=False ListenersNotValid, Programmed=False Invalid', ({ status }) => words(status.conditions));
    assert.match(words(second.status.listeners?.[0]?.conditions), /Conflicted=True HostnameConflict/);
    assert.equal((await read('httproutes', 'lost')).status?.parents, undefined, 'nothing is said for a parent that nobody has');
  });

  test('the words of an Envoy that cannot use a listener stand at its Gateway', async (t) => {
    const blocker = createServer().listen(0, '0.0.0.0');
    t.after(() => blocker.close());
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { envoy } = await start(t);
    await envoy();
    await cluster.apply(gatewayOf('blocked', port));
    const blocked = await says('gateways', 'blocked', 'Accepted=False ListenersNotValid, Programmed=False Invalid', ({ status }) => words(status.conditions));
    assert.match(blocked.status.conditions?.[0]?.message ?? '', /cannot bind|Address already in use/i);
    blocker.close();
    await says('gateways', 'blocked', 'Accepted=True Accepted, Programmed=True Programmed', ({ status }) => words(status.conditions), 90_000);
  });

  test('what others say of a route stays; what Sluice said goes with its parent', async (t) => {
    await start(t);
    await cluster.apply(gatewayOf('shared', 80));
    await cluster.apply(routeOf('shared', 'shared', toShop));
    const accepted = ({ status }: Live): string => (status.parents ?? []).map((one) => `${one.controllerName} ${one.parentRef?.name}`).join(', ');
    const live = await says('httproutes', 'shared', 'gateway.sluice.dev/controller shared', accepted);
    const other = {
      parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'of-others' },
      controllerName: 'example.com/other',
      conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    const parents = [...(live.status.parents ?? []), other];
    await cluster.kubectl(['patch', 'httproute', 'shared', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { parents } })]);
    await cluster.apply(routeOf('shared', 'of-others', toShop));
    await says('httproutes', 'shared', 'example.com/other of-others', accepted);
  });

  test('policies say for each target, or Gateway, what became of them', async (t) => {
    await start(t);
    await cluster.apply(gatewayOf('policies', 80));
    await cluster.apply(routeOf('policies', 'policies', toShop));
    await cluster.apply(`
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: shop}, {group: "", kind: Service, name: nothing}]
  timeouts: {connect: 1s}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: shop}]
  validation: {hostname: shop.internal, caCertificateRefs: [{group: "", kind: ConfigMap, name: nothing}]}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: Backend
metadata: {name: machines}
spec: {endpoints: [{address: 10.0.0.7, port: 8080}]}
`);
    const ancestors = ({ status }: Live): string =>
      (status.ancestors ?? []).map((one) => `${one.ancestorRef?.kind} ${one.ancestorRef?.name}: ${words(one.conditions)}`).join('; ');
    await says('backendpolicies', 'shop', 'Service shop: Accepted=True Accepted; Service nothing: Accepted=False TargetNotFound', ancestors);
    await says('backendtlspolicies', 'shop', 'Gateway policies: Accepted=False NoValidCACertificate, ResolvedRefs=False InvalidCACertificateRef', (live) =>
      ancestors({
        ...live,
        status: { ancestors: (live.status.ancestors ?? []).filter(({ ancestorRef }) => ancestorRef?.name === 'policies') },
      }),
    );
    await says('backends', 'machines', 'Accepted=True Accepted', ({ status }) => words(status.conditions));
  });

  test('Ingresses and Gateways have the addresses of the Service that is published, as it gets them', async (t) => {
    await cluster.apply(gatewayOf('published', 80));
    await cluster.apply(`
apiVersion: v1
kind: Service
metadata: {name: envoy}
spec: {type: LoadBalancer, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ours}
spec: {ingressClassName: sluice, defaultBackend: {service: {name: shop, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: foreign}
spec: {controller: example.com/other}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: theirs}
spec: {ingressClassName: foreign, defaultBackend: {service: {name: shop, port: {number: 80}}}}
`);
    const { writes } = await start(t, { publishService: 'default/envoy' });
    await says('gateways', 'published', '[]', ({ status }) => JSON.stringify(status.addresses));
    // Both are written in one look.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.equal((await writes('status'))['Ingress written'], undefined, 'without an address there is nothing to be written to an Ingress');
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }, { hostname: 'lb.example' }] } };
    await cluster.kubectl(['patch', 'service', 'envoy', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
    const addresses = (live: Live): string => JSON.stringify(live.status.loadBalancer?.ingress);
    await says('ingresses', 'ours', '[{"ip":"192.0.2.7"},{"hostname":"lb.example"}]', addresses, 60_000);
    await says('gateways', 'published', 'IPAddress 192.0.2.7, Hostname lb.example', (live) =>
      (live.status.addresses ?? []).map(({ type, value }) => `${type} ${value}`).join(', '),
    );
    assert.equal((await read('ingresses', 'theirs')).status.loadBalancer?.ingress, undefined);
  });

  test('a route that was never valid says what is wrong with it, until it is', async (t) => {
    const { writes } = await start(t);
    await cluster.apply(gatewayOf('refusing', 80));
    const setting = (name: string): string =>
      `[{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: ${name}, value: shop}]}}], backendRefs: [{name: shop, port: 80}]}]`;
    // The API server admits it.
    await cluster.apply(routeOf('refused', 'refusing', setting('Host')));
    const accepted = ({ status }: Live): string => words(status.parents?.[0]?.conditions.slice(0, 1));
    const refused = await says('httproutes', 'refused', 'Accepted=False UnsupportedValue', accepted, 60_000);
    assert.equal(refused.status.parents?.length, 1);
    assert.match(refused.status.parents?.[0]?.conditions[0]?.message ?? '', /Host/);
    await cluster.apply(routeOf('elsewhere', 'of-others', setting('Host')));
    await cluster.apply(routeOf('refused', 'refusing', setting('X-Shop')));
    await says('httproutes', 'refused', 'Accepted=True Accepted', accepted, 60_000);
    await cluster.apply(routeOf('last', 'refusing', setting('Host')));
    await says('httproutes', 'last', 'Accepted=False UnsupportedValue', accepted, 60_000);
    assert.equal((await read('httproutes', 'elsewhere')).status?.parents, undefined, 'nothing is said for a parent that nobody has');
    // Two of those that are not valid, and one twice: as it is accepted, and once no Envoy is there.
    assert.ok(((await writes('status'))['HTTPRoute written'] ?? 0) <= 4);
  });

  test('a Gateway that was never valid says what is wrong with it, until it is', async (t) => {
    const { writes } = await start(t);
    // CRDs of other versions admit what those of today refuse.
    const rules = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/listeners/x-kubernetes-validations';
    const patch = JSON.stringify([{ op: 'remove', path: rules }]);
    await cluster.kubectl(['patch', 'crd', 'gateways.gateway.networking.k8s.io', '--type=json', '-p', patch]);
    t.after(() => cluster.applyCrds());
    const invalid = gatewayOf('invalid', 80).replace('protocol: HTTP}', 'protocol: HTTP, tls: {certificateRefs: [{name: shop}]}}');
    const isAdmitted = (): Promise<boolean> =>
      cluster.apply(invalid).then(
        () => true,
        () => false,
      );
    await waitFor('the API server admits it', isAdmitted);
    await cluster.apply(invalid.replace('name: invalid', 'name: theirs').replace('gatewayClassName: sluice', 'gatewayClassName: of-others'));
    const conditions = ({ status }: Live): string => words(status.conditions);
    const refused = await says('gateways', 'invalid', 'Accepted=False Invalid, Programmed=False Invalid', conditions, 60_000);
    for (const { observedGeneration, message } of refused.status.conditions ?? []) {
      assert.equal(observedGeneration, refused.metadata.generation);
      assert.match(message, /TLS does not go with this protocol/);
    }
    await cluster.apply(gatewayOf('invalid', 80));
    await says('gateways', 'invalid', 'Accepted=True Accepted, Programmed=False NoResources', conditions, 60_000);
    const theirs = await read('gateways', 'theirs');
    assert.equal(conditions(theirs), 'Accepted=Unknown Pending, Programmed=Unknown Pending', 'the API server has written these, and nobody others');
    assert.ok(((await writes('status'))['Gateway written'] ?? 0) <= 2);
  });

  test('a server that starts writes nothing that is said already', async (t) => {
    const first = await start(t);
    await cluster.apply(gatewayOf('again', 80));
    await says('gateways', 'again', 'Accepted=True Accepted, Programmed=False NoResources', ({ status }) => words(status.conditions));
    await first.server.stop();
    const { writes, server } = await start(t);
    const isLeader = async (): Promise<boolean> => /^sluice_leader 1$/m.test(await (await fetch(`http://${server.adminAddress}/metrics`)).text());
    await waitFor('it leads', isLeader, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 8000));
    assert.deepEqual(await writes('status'), {});
  });
});
