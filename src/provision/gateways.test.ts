import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../test/fake/objects.ts';
import { createStore } from '../store/store.ts';
import type { Stored } from '../store/stored.ts';
import { knownGateways, provisioningOff } from './gateways.ts';
import { gatewayService } from './names.ts';

const config = (name: string, spec: string): string => `apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: ${name}}
spec: ${spec}
---
`;
const gatewayClass = (name: string, controller: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: ${name}}
spec: {controllerName: ${controller}}
---
`;
const gateway = (name: string, { className = 'sluice', configName = 'each', metadata = 'uid: "1"' } = {}): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, ${metadata}}
spec:
  gatewayClassName: ${className}
  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: ${configName}}}
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
`;

const each = config('each', '{envoys: {mode: PerGateway, replicas: 3}}');

function knownOf(yaml: string) {
  const store = createStore(['cluster']);
  const sink = store.sink('cluster');
  sink.list(objectsOf(yaml));
  return { known: knownGateways(store.view), sink };
}

test('a Gateway is known with what it wants, or to want none; where that is not known it is left out', () => {
  const yaml = [
    each,
    config('shared', '{envoys: {mode: Shared}}'),
    gatewayClass('theirs', 'example.com/other'),
    gateway('own'),
    gateway('shared', { configName: 'shared' }),
    gateway('moved', { className: 'theirs' }),
    gateway('classless', { className: 'nobodys' }),
    gateway('unset', { configName: 'nowhere' }),
    gateway('ending', { metadata: 'uid: "1", deletionTimestamp: "2026-11-27T00:00:00Z"' }),
  ].join('');
  assert.deepEqual(
    knownOf(yaml)
      .known()
      .map(({ gateway: { name }, envoys }) => [name, envoys?.replicas]),
    [
      ['own', 3],
      ['shared', undefined],
      ['moved', undefined],
    ],
  );
});

test('the list is the same until something of it changes', () => {
  const { known, sink } = knownOf(each + gateway('own'));
  const before = known();
  sink.change({ put: objectsOf('{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'), remove: [] });
  assert.equal(known(), before);
  sink.change({ put: objectsOf(config('each', '{envoys: {mode: PerGateway, replicas: 5}}')), remove: [] });
  assert.deepEqual(
    known().map(({ envoys }) => envoys?.replicas),
    [5],
  );
});

test('who gets no Envoys is told: nobody of a server that makes none, and no Gateway of a folder', () => {
  const { known } = knownOf(each + gateway('own') + gateway('of-folder', { metadata: '' }) + config('plain', '{}') + gateway('plain', { configName: 'plain' }));
  const told = (makes: boolean) => provisioningOff(known(), makes).map(({ code, at, message }) => [code, at.object, /group (\S+)\.$/.exec(message)?.[1]]);
  const ofFolder = ['ProvisioningOff', 'Gateway default/of-folder', 'gateway/default/of-folder'];
  assert.deepEqual(told(false), [['ProvisioningOff', 'Gateway default/own', 'gateway/default/own'], ofFolder]);
  assert.deepEqual(told(true), [ofFolder]);
});

test('every Gateway has a Service of a name that one may have, and no two of a namespace the same one', () => {
  const names = ['public', 'public.shop.example', '2027.shop', `${'a'.repeat(62)}`, `${'a'.repeat(61)}b`, 'public-shop-example', `a.${'b.'.repeat(120)}c`];
  const made = objectsOf(names.map((name) => gateway(name)).join('')).map((one) => gatewayService(one as Stored<'Gateway'>).name);
  for (const name of made) assert.match(name, /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/);
  assert.equal(new Set(made).size, names.length);
  assert.equal(made[0], 'public-sluice');
});
