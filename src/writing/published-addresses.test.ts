import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOfService } from './published-addresses.ts';

for (const [what, service, expected] of [
  ['a Service of the cluster alone', { spec: { clusterIP: '10.96.0.7' } }, ['10.96.0.7']],
  ['one without an address', { spec: { type: 'ClusterIP', clusterIP: 'None' } }, []],
  ['ports of nodes, with addresses from outside', { spec: { type: 'NodePort', clusterIP: '10.96.0.7', externalIPs: ['192.0.2.1'] } }, ['192.0.2.1']],
  ['ports of nodes, without', { spec: { type: 'NodePort', clusterIP: '10.96.0.7' } }, ['10.96.0.7']],
  ['a load balancer that has no address yet', { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.7' }, status: { loadBalancer: {} } }, []],
  [
    'a load balancer with two',
    { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.7' }, status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }, { ip: '192.0.2.7' }] } } },
    ['192.0.2.7', 'lb.example'],
  ],
  ['another name', { spec: { type: 'ExternalName', externalName: 'shop.example' } }, ['shop.example']],
  ['nothing that can be read', {}, []],
] as const) {
  test(`clients find the Envoys by ${what}`, () => {
    assert.deepEqual(addressesOfService(service), expected);
  });
}
