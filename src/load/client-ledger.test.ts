import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientLedger, mostClients } from './client-ledger.ts';
import type { SampledClient } from './client-report.ts';

const shop = { group: 'default', listener: 'default/80', version: '1' };
const hourMs = 3_600_000;
const client = (address: string, isPeer = true): SampledClient => ({ address, isPeer });
const clients = (address: string, count: number): SampledClient[] => Array.from({ length: count }, () => client(address));

test('requests are counted by the address of their client, over all Envoys, each listener for itself', () => {
  const ledger = createClientLedger();
  ledger.take(shop, [client('203.0.113.7'), client('203.0.113.8', false)], 0);
  ledger.take(shop, [client('203.0.113.7')], 10);
  ledger.take({ ...shop, listener: 'default/443' }, [client('203.0.113.9')], 10);
  const tally = ledger.tally(shop, 20);
  assert.deepEqual(
    [...(tally?.counts ?? [])],
    [
      ['203.0.113.7', 2],
      ['203.0.113.8', 1],
    ],
  );
  assert.equal(tally?.ofPeers, 2);
  assert.equal(ledger.tally({ ...shop, group: 'other' }, 20), undefined);
});

test('the latest thousand are remembered', () => {
  const ledger = createClientLedger();
  ledger.take(shop, clients('203.0.113.7', 600), 0);
  ledger.take(shop, clients('203.0.113.8', 700), 1);
  assert.deepEqual(Object.fromEntries(ledger.tally(shop, 2)?.counts ?? []), { '203.0.113.7': 300, '203.0.113.8': 700 });
  ledger.take(shop, clients('203.0.113.9', 5 * mostClients), 3);
  assert.deepEqual(Object.fromEntries(ledger.tally(shop, 4)?.counts ?? []), { '203.0.113.9': mostClients });
});

test('for a day', () => {
  const ledger = createClientLedger();
  ledger.take(shop, clients('203.0.113.7', 3), 0);
  ledger.take(shop, clients('203.0.113.8', 2), 10 * hourMs);
  assert.deepEqual(Object.fromEntries(ledger.tally(shop, 24 * hourMs)?.counts ?? []), { '203.0.113.8': 2 });
  assert.equal(ledger.tally(shop, 40 * hourMs)?.counts.size, 0);
});

test('and begin anew where the listener is another one', () => {
  const ledger = createClientLedger();
  ledger.take(shop, clients('203.0.113.7', 3), 0);
  assert.equal(ledger.tally({ ...shop, version: '2' }, 1), undefined);
  ledger.take({ ...shop, version: '2' }, clients('203.0.113.8', 1), 2);
  assert.deepEqual([...(ledger.tally({ ...shop, version: '2' }, 3)?.counts ?? [])], [['203.0.113.8', 1]]);
});

test('a tally is the same while nothing has come', () => {
  const ledger = createClientLedger();
  ledger.take(shop, clients('203.0.113.7', 3), 0);
  const before = ledger.tally(shop, 1);
  assert.equal(ledger.tally(shop, 2), before);
  ledger.take(shop, clients('203.0.113.7', 1), 3);
  assert.notEqual(ledger.tally(shop, 4), before);
  assert.equal(before?.counts.get('203.0.113.7'), 3);
});

test('listeners that nobody reports of are forgotten where there are many', () => {
  const ledger = createClientLedger();
  for (let port = 1; port <= 501; port++) ledger.take({ ...shop, listener: `default/${port}` }, clients('203.0.113.7', 1), 0);
  assert.equal(ledger.tally({ ...shop, listener: 'default/1' }, 1), undefined);
  assert.equal(ledger.tally({ ...shop, listener: 'default/501' }, 1)?.counts.size, 1);
});
