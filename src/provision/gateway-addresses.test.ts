import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayAddresses } from './gateway-addresses.ts';
import type { Manifest } from './manifest.ts';
import type { Found } from './steps.ts';

const service = (name: string): Manifest => ({ kind: 'Service', metadata: { name } }) as Manifest;

const found = (name: string, owner: string, spec: object, status: object = {}): Found => ({
  kind: 'Service',
  object: { metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1', ownerReferences: [{ uid: owner, controller: true }] }, spec, status },
});

test('a Gateway has the addresses of its own Service', () => {
  const wanted = new Map([
    ['public', [service('public-each')]],
    ['pending', [service('pending-each')]],
    ['new', [service('new-each')]],
    ['none', [{ kind: 'Deployment', metadata: { name: 'none-each' } } as Manifest]],
    ['shared', []],
  ]);
  const there = [
    found('public-each', 'public', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } }),
    found('pending-each', 'pending', { type: 'LoadBalancer', clusterIP: '10.96.0.7' }),
    found('new-each', 'somebody', { clusterIP: '10.96.0.8' }),
  ];
  assert.deepEqual(
    [...gatewayAddresses(wanted, there)],
    [
      ['public', ['192.0.2.7']],
      ['pending', []],
      ['none', []],
    ],
  );
});
