import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random as createRandom } from '../../../test/fake/random.ts';
import { patched } from '../../revision/patched-map.ts';
import { entryKind, LayeredMap } from './layered-map.ts';

const kind = entryKind<number>((name, value) => ({ high: Math.imul(name.length + value, 0x9e3779b1), low: Math.imul(name.charCodeAt(1) ^ value, 0x85ebca6b) }));
const base = new Map(Array.from({ length: 200 }, (_, index) => [`n${index}`, index] as const));
const sorted = (entries: Iterable<[string, number]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

test('whatever is done to it, it is the map that it stands for', () => {
  const { next: random } = createRandom(7);
  const map = new LayeredMap(kind);
  let expected = new Map<string, number>();
  const copies: { readonly copy: LayeredMap<number>; readonly expected: ReadonlyMap<string, number> }[] = [];
  for (let turn = 0; turn < 5000; turn++) {
    const [name, dice] = [`n${Math.floor(random() * 250)}`, random()];
    const some = new Map([...base].slice(0, Math.floor(random() * 200)));
    if (dice < 0.5) {
      map.set(name, turn);
      expected.set(name, turn);
    } else if (dice < 0.9) assert.equal(map.delete(name), expected.delete(name));
    else if (dice < 0.92) {
      map.setAll(some);
      expected = new Map([...expected, ...some]);
    } else if (dice < 0.94) {
      map.deleteAll(some);
      for (const each of some.keys()) expected.delete(each);
    } else if (dice < 0.97) copies.push({ copy: map.copy(), expected: new Map(expected) });
    else map.settle(new Map(expected));
    assert.equal(map.size, expected.size);
    assert.equal(map.get(name), expected.get(name));
  }
  for (const one of [...copies, { copy: map, expected }]) assert.deepEqual(sorted(one.copy.entries()), sorted(one.expected));
});

test('maps that took the same way, and a map that came back, share what they hold', () => {
  const more = new Map([['more', 1]]);
  const [one, other] = [new LayeredMap(kind), new LayeredMap(kind)];
  for (const map of [one, other]) {
    map.setAll(base);
    map.setAll(more);
  }
  assert.ok(one.base);
  assert.equal(one.base, other.base);
  one.set('n1', 17);
  assert.equal(one.base, undefined);
  assert.notEqual(one.version(), other.version());
  one.settle(base);
  assert.equal(one.base, undefined);
  one.set('n1', 1);
  one.delete('more');
  one.settle(base);
  assert.equal(one.base, base);
});

test('it settles on a map of which only the patches are new', () => {
  const map = new LayeredMap(kind);
  map.setAll(base);
  map.set('n3', 99);
  map.set('new', 1);
  const other = patched(base, [
    ['n3', 98],
    ['new', 1],
  ]);
  map.settle(other);
  assert.equal(map.base, undefined);
  const same = patched(other, [['n3', 99]]);
  map.settle(same);
  assert.equal(map.base, same);
  assert.equal(map.get('n3'), 99);
});
