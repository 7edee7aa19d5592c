import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WantedCondition } from './condition.ts';
import { controllerName, type Entry, mergedEntries, type WantedEntry } from './entries.ts';

interface About {
  readonly parentRef: { readonly name: string; readonly sectionName?: string };
}

const before = '2026-01-01T00:00:00Z';
const now = Date.parse('2026-02-02T02:02:02.345Z');
const after = '2026-02-02T02:02:02Z';

const condition = (type: string, status: WantedCondition['status'], observedGeneration = 1): WantedCondition => ({
  type,
  status,
  reason: 'Because',
  message: '',
  observedGeneration,
});
const wanted = (name: string, conditions: readonly WantedCondition[]): WantedEntry<About> => ({ parentRef: { name }, controllerName, conditions });
const live = (name: string, conditions: readonly WantedCondition[], by = controllerName): Entry<About> => ({
  parentRef: { name },
  controllerName: by,
  conditions: conditions.map((one) => ({ ...one, lastTransitionTime: before })),
});
const merge = (have: readonly Entry<About>[], want: readonly WantedEntry<About>[], room = 32) =>
  mergedEntries(have, want, ({ parentRef }) => parentRef, room, now);

test('what is said already is not said anew', () => {
  const have = [live('shop', [condition('Accepted', 'True')])];
  assert.deepEqual(merge(have, [wanted('shop', [condition('Accepted', 'True')])]), { entries: have, left: 0 });
});

test('the time changes with the status, and with nothing else', () => {
  const have = [live('shop', [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')])];
  const { entries } = merge(have, [wanted('shop', [condition('Accepted', 'True', 2), condition('ResolvedRefs', 'False', 2)])]);
  assert.deepEqual(
    entries[0]?.conditions.map(({ type, status, observedGeneration, lastTransitionTime }) => [type, status, observedGeneration, lastTransitionTime]),
    [
      ['Accepted', 'True', 2, before],
      ['ResolvedRefs', 'False', 2, after],
    ],
  );
});

test('entries of other controllers stay as and where they are, also about the same parent', () => {
  const foreign = live('shop', [condition('Accepted', 'False')], 'example.com/other');
  const have = [live('gone', [condition('Accepted', 'True')]), foreign, live('shop', [condition('Accepted', 'True')])];
  const { entries } = merge(have, [wanted('new', [condition('Accepted', 'True')]), wanted('shop', [condition('Accepted', 'True')])]);
  assert.deepEqual(
    entries.map(({ parentRef, controllerName: by }) => [parentRef.name, by]),
    [
      ['shop', 'example.com/other'],
      ['shop', controllerName],
      ['new', controllerName],
    ],
  );
  assert.equal(entries[0], foreign);
});

test('who finds no room is counted, and nobody else is pushed out', () => {
  const have = [live('a', [], 'example.com/other'), live('b', [])];
  const { entries, left } = merge(have, [wanted('c', []), wanted('b', []), wanted('d', [])], 3);
  assert.deepEqual([entries.map(({ parentRef }) => parentRef.name), left], [['a', 'b', 'c'], 1]);
});

test('a message is cut to what the API server takes', () => {
  const { entries } = merge([], [wanted('shop', [{ ...condition('Accepted', 'False'), message: 'x'.repeat(40_000) }])]);
  assert.equal(entries[0]?.conditions[0]?.message.length, 32_768);
});
