import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../test/fake/objects.ts';
import { build } from '../build.ts';
import { defaultSettings } from '../settings.ts';
import { storeViewOf } from '../store/store.ts';
import { done } from '../work.ts';
import type { Facts, GroupFacts, WasProgrammed } from './facts.ts';
import type { WantedStatus } from './said.ts';
import { createWanting } from './wanted.ts';

const gateway = (name: string, infrastructure = ''): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, uid: ${name}, generation: 1}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP, hostname: ${name}.example}]${infrastructure}}
---
`;

const shop = `${gateway('shop')}apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route, uid: route, generation: 7}
spec: {parentRefs: [{name: shop}], rules: [{backendRefs: [{name: shop, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}
`;

function factsOf(yaml: string, group: GroupFacts, addresses?: readonly string[]): Facts {
  const { view } = storeViewOf(objectsOf(yaml));
  const { attachedRoutes, diagnostics } = build(view, defaultSettings);
  return {
    view,
    attachedRoutes,
    diagnostics,
    groups: new Map([['default', group]]),
    gatewayAddresses: new Map(),
    ingress: {},
    ...(addresses && { addresses }),
  };
}

const never = (): boolean => false;

function wantingAtOnce() {
  const wanting = createWanting();
  return (facts: Facts, wasProgrammed: WasProgrammed): readonly WantedStatus[] => done(wanting(facts, wasProgrammed));
}
const of = (all: readonly WantedStatus[], uid: string): WantedStatus => all.find((one) => one.uid === uid) ?? assert.fail(`nothing is said of ${uid}`);

function programmedOf({ said }: WantedStatus): string {
  const conditions = said.type === 'parents' ? said.entries[0]?.conditions : said.type === 'gateway' ? said.conditions : undefined;
  const found = conditions?.find(({ type }) => type === 'Programmed');
  return `${found?.status} ${found?.reason}`;
}

test('the same is wanted of an object as long as nothing of it changed', () => {
  const wanting = wantingAtOnce();
  const facts = factsOf(shop, { envoys: 1, acknowledged: 1 });
  const first = of(wanting(facts, never), 'route');
  assert.equal(programmedOf(first), 'True Programmed');
  assert.equal(
    of(
      wanting({ ...facts, groups: new Map([['default', { envoys: 2, acknowledged: 1 }]]) }, () => true),
      'route',
    ),
    first,
  );
});

test('a route that is held back is programmed once it is not, though nothing of it changed', () => {
  const wanting = wantingAtOnce();
  const facts = factsOf(shop, { envoys: 1, acknowledged: 0, held: 'it takes away too much' });
  assert.equal(programmedOf(of(wanting(facts, never), 'route')), 'False Pending');
  const out = { ...facts, groups: new Map([['default', { envoys: 1, acknowledged: 1 }]]) };
  assert.equal(programmedOf(of(wanting(out, never), 'route')), 'True Programmed');
});

test('what was in force stays so while Envoys are sent something else; of nobody a Gateway alone tells', () => {
  const wanting = wantingAtOnce();
  const was = (uid: string, generation: number): boolean => uid === 'shop' || generation === 7;
  const behind = wanting(factsOf(shop, { envoys: 2, acknowledged: 1 }), was);
  assert.deepEqual([programmedOf(of(behind, 'shop')), programmedOf(of(behind, 'route'))], ['True Programmed', 'True Programmed']);
  const alone = wanting(factsOf(shop, { envoys: 0, acknowledged: 0 }), was);
  assert.deepEqual([programmedOf(of(alone, 'shop')), programmedOf(of(alone, 'route'))], ['False NoResources', 'True Programmed']);
});

test('a Gateway with Envoys of its own does not have the addresses of the others', () => {
  const own = gateway('own', ', infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: each}}');
  const config = 'apiVersion: gateway.sluice.dev/v1alpha1\nkind: GatewayConfig\nmetadata: {name: each}\nspec: {envoys: {mode: PerGateway}}\n---\n';
  const facts = factsOf(config + own + shop, { envoys: 1, acknowledged: 1 }, ['192.0.2.7']);
  const all = wantingAtOnce()(facts, never);
  const addressesOf = ({ said }: WantedStatus): readonly string[] | undefined => (said.type === 'gateway' ? said.addresses : assert.fail());
  assert.deepEqual([addressesOf(of(all, 'shop')), addressesOf(of(all, 'own'))], [['192.0.2.7'], undefined]);
  const found = wantingAtOnce()({ ...facts, gatewayAddresses: new Map([['own', ['192.0.2.8']]]) }, never);
  assert.deepEqual([addressesOf(of(found, 'shop')), addressesOf(of(found, 'own'))], [['192.0.2.7'], ['192.0.2.8']]);
});
