import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectsOf } from '../../test/fake/objects.ts';
import { build } from '../build.ts';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { defaultSettings } from '../settings.ts';
import { storeViewOf } from '../store/store.ts';
import { done } from '../work.ts';
import { createWanting } from './wanted.ts';

const gateway = (name: string, ...listeners: readonly string[]): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, uid: ${name}, generation: 1, creationTimestamp: "2026-01-0${name === 'old' ? 1 : 2}T00:00:00Z"}
spec: {gatewayClassName: sluice, listeners: [${listeners.map((one, index) => `{name: l${index}, ${one}}`).join(', ')}]}
---
`;

/** `STATUS REASON` of the conditions `Accepted` and `Conflicted` of each listener of a Gateway. */
function listenersOf(yaml: string, name: string, more: readonly Diagnostic[] = []): readonly (readonly string[])[] {
  const { view } = storeViewOf(objectsOf(yaml));
  const { attachedRoutes, diagnostics } = build(view, defaultSettings);
  // The objects of this test join fields by dots alone.
  const located = diagnostics.map((one) => ({ ...one, at: { ...one.at, field: one.at.field?.replaceAll(/\.(\d+)/g, '[$1]') ?? '' } }));
  const groups = new Map([['default', { envoys: 1, acknowledged: 1 }]]);
  const facts = { view, attachedRoutes, diagnostics: [...located, ...more], groups, gatewayAddresses: new Map(), ingress: {} };
  const found = done(createWanting()(facts, () => false)).find(({ uid }) => uid === name);
  if (found?.said.type !== 'gateway') return assert.fail(`nothing is said of ${name}`);
  return found.said.listeners.map(({ conditions }) =>
    conditions.filter(({ type }) => type === 'Accepted' || type === 'Conflicted').map(({ status, reason }) => `${status} ${reason}`),
  );
}

test('listeners that conflict with older ones say how, as Gateway API has the words', () => {
  const old = gateway('old', 'port: 80, protocol: HTTP');
  const listeners = ['port: 80, protocol: HTTP', 'port: 80, protocol: HTTPS', 'port: 8080, protocol: HTTP', 'port: 81, protocol: HTTP'];
  const yaml = old + gateway('new', ...listeners.map((one) => (one.includes('HTTPS') ? `${one}, tls: {certificateRefs: [{name: shop}]}` : one)));
  assert.deepEqual(listenersOf(yaml, 'old'), [['True Accepted', 'False NoConflicts']]);
  assert.deepEqual(listenersOf(yaml, 'new'), [
    ['False HostnameConflict', 'True HostnameConflict'],
    ['False ProtocolConflict', 'True ProtocolConflict'],
    ['False PortUnavailable', 'False NoConflicts'],
    ['True Accepted', 'False NoConflicts'],
  ]);
});

test('a port that an Envoy cannot bind is not available', () => {
  const told = diagnostic('PortRefusedByEnvoy', { object: 'Gateway default/old', field: 'spec.listeners[0]' }, 'It is in use.');
  assert.deepEqual(listenersOf(gateway('old', 'port: 80, protocol: HTTP'), 'old', [told]), [['False PortUnavailable', 'False NoConflicts']]);
});
