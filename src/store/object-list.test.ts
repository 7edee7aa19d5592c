import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../test/fake/random.ts';
import { createObjectList, oldestFirst } from './object-list.ts';
import type { Stored } from './stored.ts';

const objectOf = (name: string, age: number): Stored => ({ kind: 'Service', namespace: 'default', name, age: String(age).padStart(3, '0') }) as Stored;

test('a list is in order after any changes, whoever asks in between', () => {
  const draw = random(1);
  for (let turn = 0; turn < 50; turn++) {
    const list = createObjectList();
    const held = new Map<string, Stored>();
    for (let change = 0; change < 300; change++) {
      const name = `s${Math.floor(draw.next() * 100)}`;
      const before = held.get(name);
      const after = before && draw.chance(0.3) ? undefined : objectOf(name, Math.floor(draw.next() * 200));
      if (after) held.set(name, after);
      else held.delete(name);
      list.replace(name, before, after);
      if (!draw.chance(0.1)) continue;
      const sorted = list.sorted();
      assert.deepEqual(sorted, [...held.values()].sort(oldestFirst));
      assert.equal(list.sorted(), sorted, 'nothing changed: the same array');
    }
  }
});
