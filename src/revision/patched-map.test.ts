import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesThatMayDiffer, PatchedMap, patched } from './patched-map.ts';

const base = new Map(Array.from({ length: 1000 }, (_, number) => [`name-${number}`, number]));

test('a patched map is what a copy with these entries would be', () => {
  const more = [
    ['name-7', -7],
    ['new', 1],
  ] as const;
  const map = patched(patched(base, [['name-7', 0]]), more);
  const copy = new Map([...base, ...more]);
  assert.ok(map instanceof PatchedMap);
  assert.deepEqual([...map], [...copy]);
  assert.deepEqual([...map.keys()], [...copy.keys()]);
  assert.deepEqual([...map.values()], [...copy.values()]);
  const told: unknown[] = [];
  map.forEach((value, name) => void told.push([name, value]));
  assert.deepEqual(told, [...copy]);
  assert.equal(map.size, copy.size);
  assert.deepEqual([map.get('name-7'), map.get('name-8'), map.get('none')], [-7, 8, undefined]);
  assert.deepEqual([map.has('name-7'), map.has('new'), map.has('none')], [true, true, false]);
  assert.equal(base.get('name-7'), 7);
});

test('however often a map is patched, it stays one base and a few entries, and what was there before stays as it was', () => {
  const history = [patched(base, [])];
  for (let number = 0; number < 1000; number++) history.push(patched(history.at(-1) ?? base, [[`name-${number}`, -1]]));
  for (const [number, map] of history.entries()) {
    if (map instanceof PatchedMap) assert.ok(map.own.size <= 128 && !(map.base instanceof PatchedMap));
    assert.equal([...map.values()].filter((value) => value === -1).length, number);
  }
  assert.ok(history.some((map) => !(map instanceof PatchedMap)));
});

test('of maps with one base only the patches may differ', () => {
  const [a, b] = [patched(base, [['a', 1]]), patched(base, [['b', 1]])];
  assert.deepEqual([...namesThatMayDiffer(a, b)], ['a', 'b']);
  assert.deepEqual([...namesThatMayDiffer(base, b)], ['b']);
  assert.deepEqual([...namesThatMayDiffer(a, a)], []);
  assert.equal(namesThatMayDiffer(a, new Map([['c', 1]])).size, 1002);
});
