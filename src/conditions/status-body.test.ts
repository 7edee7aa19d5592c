import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusBody } from './status-body.ts';

test('addresses of a Gateway that nobody knows just now stay: what is not applied again goes', () => {
  const live = { addresses: [{ type: 'IPAddress', value: '192.0.2.7' }] };
  const said = { type: 'gateway', conditions: [], listeners: [] } as const;
  assert.deepEqual(statusBody(said, live, 0)['addresses'], live.addresses);
  assert.equal('addresses' in statusBody(said, {}, 0), false);
  assert.deepEqual(statusBody({ ...said, addresses: ['lb.example'] }, live, 0)['addresses'], [{ type: 'Hostname', value: 'lb.example' }]);
  assert.deepEqual(statusBody({ ...said, addresses: [] }, live, 0)['addresses'], []);
});

test('an Ingress without addresses has nothing to be written, and loses those that it had', () => {
  const body = (addresses: readonly string[], loadBalancer: object): unknown =>
    statusBody({ type: 'loadBalancer', addresses }, { loadBalancer }, 0)['loadBalancer'];
  // As the API server has it where there are none.
  assert.deepEqual(body([], {}), {});
  assert.deepEqual(body([], { ingress: [{ ip: '192.0.2.7' }] }), { ingress: [] });
  assert.deepEqual(body(['192.0.2.7', 'lb.example'], {}), { ingress: [{ ip: '192.0.2.7' }, { hostname: 'lb.example' }] });
});
