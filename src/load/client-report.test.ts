import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientReport } from '../../test/fake/client-report.ts';
import { readClientReport } from './client-report.ts';

const report = (texts: readonly string[]): Buffer => clientReport({ node: 'one', group: 'edge', listener: 'edge/80', texts });

test('a report says whose it is, and who the clients are', () => {
  assert.deepEqual(readClientReport(report(['203.0.113.7 203.0.113.7 via_upstream', '2001:db8::7 10.0.0.1 via_upstream']), 10), {
    node: 'one',
    group: 'edge',
    listener: 'edge/80',
    clients: [
      { address: '203.0.113.7', isPeer: true },
      { address: '2001:db8::7', isPeer: false },
    ],
  });
});

test('what names no address is left out, and so is what Envoy answers by a route or without one', () => {
  const texts = ['- - -', '', '/run/a.sock', 'x'.repeat(100), '203.0.113.7 203.0.113.7 route_not_found', '203.0.113.7 203.0.113.7 direct_response'];
  assert.deepEqual(readClientReport(report(texts), 10).clients, []);
  const refused = readClientReport(report(['203.0.113.7 203.0.113.7 rbac_access_denied_matched_policy[none]']), 10).clients;
  assert.deepEqual(refused, [{ address: '203.0.113.7', isPeer: true }]);
});

test('of many records the last ones are looked at', () => {
  const { clients } = readClientReport(report(['203.0.113.1 -', '203.0.113.2 -', '203.0.113.3 -']), 2);
  assert.deepEqual(
    clients.map(({ address }) => address),
    ['203.0.113.2', '203.0.113.3'],
  );
});

test('bytes that are no message are refused', () => {
  assert.throws(() => readClientReport(Buffer.from([0x0a, 0x7f, 0x01]), 10), /cut off/);
});
