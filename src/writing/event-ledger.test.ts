import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventLedger, type EventLedger, mostOfObject, objectWindowMs, settleMs } from './event-ledger.ts';
import type { ObjectEvent } from './object-event.ts';

const event = (id: string, uid = 'uid', reason = 'NoEndpoints'): ObjectEvent => ({
  id,
  regarding: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'a', uid },
  type: 'Warning',
  reason,
  note: id,
});

/** One that has stood before, as it is after the first look: nothing is inherited. */
function used(): EventLedger {
  const ledger = createEventLedger();
  ledger.due([], () => true, 0);
  return ledger;
}

/** What is due, by its id, with `+` where it is told again; all of it is told. */
function look(ledger: EventLedger, standing: readonly ObjectEvent[], now: number, isThere = true): readonly string[] {
  const due = ledger.due(standing, () => isThere, now);
  for (const { event: told, count = 0 } of due) ledger.told(told, count + 1, now);
  return due.map(({ event: { id, reason }, isAgain, count }) => `${reason === 'AcceptedByEnvoy' ? reason : id}${isAgain ? ` +${count}` : ''}`);
}

test('what stands is told once, when it has stood for a while; what passes at once is not', () => {
  const ledger = used();
  assert.deepEqual(look(ledger, [event('a'), event('b')], 0), []);
  assert.equal(ledger.isWaiting(), true);
  assert.deepEqual(look(ledger, [event('a')], settleMs - 1), []);
  assert.deepEqual(look(ledger, [event('a')], settleMs), ['a']);
  assert.equal(ledger.isWaiting(), false);
  assert.deepEqual(look(ledger, [event('a')], 1e6), []);
});

test('what was over and begins again is told again with its number; after an hour it is told anew', () => {
  const ledger = used();
  look(ledger, [event('a')], 0);
  assert.deepEqual(look(ledger, [event('a')], 5000), ['a']);
  look(ledger, [], 6000);
  look(ledger, [event('a')], 7000);
  assert.deepEqual(look(ledger, [event('a')], 10_000), ['a +1']);
  look(ledger, [], 11_000);
  look(ledger, [event('a')], 12_000);
  assert.deepEqual(look(ledger, [event('a')], 15_000), ['a +2']);
  look(ledger, [], 16_000);
  look(ledger, [], 4_000_000);
  look(ledger, [event('a')], 4_001_000);
  assert.deepEqual(look(ledger, [event('a')], 4_004_000), ['a']);
});

test('what stands at the first look may have been told by another replica', () => {
  const ledger = createEventLedger();
  ledger.due([event('a')], () => true, 0);
  const due = ledger.due([event('a'), event('b')], () => true, settleMs);
  assert.deepEqual(
    due.map(({ event: { id }, isInherited }) => [id, isInherited]),
    [['a', true]],
  );
  // It had: nobody knows how often.
  ledger.told(event('a'), undefined, settleMs);
  ledger.due([], () => true, 3000);
  ledger.due([event('a')], () => true, 4000);
  assert.deepEqual(
    ledger.due([event('a')], () => true, 7000),
    [{ event: event('a'), isAgain: true, isInherited: false }],
  );
});

test('when Envoys refuse an object no more, that is told, once for each time', () => {
  const ledger = used();
  const refused = event('no', 'uid', 'RefusedByEnvoy');
  look(ledger, [refused], 0);
  assert.deepEqual(look(ledger, [refused], 3000), ['no']);
  look(ledger, [], 4000);
  assert.deepEqual(look(ledger, [], 7000), ['AcceptedByEnvoy']);
  assert.deepEqual(look(ledger, [], 8000), []);
  look(ledger, [refused], 9000);
  assert.deepEqual(look(ledger, [refused], 12_000), ['no +1']);
  // Other words are the same refusal.
  const other = event('other', 'uid', 'RefusedByEnvoy');
  look(ledger, [other], 13_000);
  assert.deepEqual(look(ledger, [other], 16_000), ['other']);
  look(ledger, [], 17_000);
  assert.deepEqual(look(ledger, [], 20_000), ['AcceptedByEnvoy +1']);
});

test('nothing is told of an object that is gone', () => {
  const ledger = used();
  const refused = event('no', 'uid', 'RefusedByEnvoy');
  look(ledger, [refused], 0);
  look(ledger, [refused], 3000);
  look(ledger, [], 4000, false);
  assert.deepEqual(look(ledger, [], 7000, false), []);
});

test('one object is told of so often in a time; the rest is told when that is over, if it still stands', () => {
  const ledger = used();
  const many = Array.from({ length: mostOfObject + 5 }, (_, index) => event(`a${index}`));
  look(ledger, many, 0);
  assert.equal(look(ledger, [...many, event('b', 'other')], 2000).length, mostOfObject);
  assert.deepEqual(look(ledger, [...many, event('b', 'other')], 4000), ['b']);
  assert.equal(ledger.isWaiting(), true);
  assert.deepEqual(look(ledger, many.slice(0, -1), 1999 + objectWindowMs), []);
  assert.equal(look(ledger, many.slice(0, -1), 2000 + objectWindowMs).length, 4);
});
