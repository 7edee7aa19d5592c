import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldChanges } from './field-change.ts';
import { movedNames } from './moved-names.ts';

type Case = readonly [before: Parameters<typeof fieldChanges>[0], after: Parameters<typeof fieldChanges>[1], ...changes: ReturnType<typeof fieldChanges>];

const cases: Readonly<Record<string, Case>> = {
  'nothing differs': [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
  'a value': [{ a: { b: 1 } }, { a: { b: 2 } }, { path: 'a.b', before: 1, after: 2 }],
  'new and gone': [
    { a: 1, c: 0 },
    { b: { c: [1] }, c: 0 },
    { path: 'a', before: 1 },
    { path: 'b', after: { c: [1] } },
  ],
  'another kind of value': [{ a: [1] }, { a: { b: 1 } }, { path: 'a', before: [1], after: { b: 1 } }],
  'a list of values is one value': [{ a: ['x'] }, { a: ['x', 'y'] }, { path: 'a', before: ['x'], after: ['x', 'y'] }],
  'what has a name is found by it': [
    { a: [{ name: 'x', v: 1 }, { name: 'y' }] },
    { a: [{ name: 'z' }, { name: 'x', v: 2 }] },
    { path: 'a[x].v', before: 1, after: 2 },
    { path: 'a[y]', before: { name: 'y' } },
    { path: 'a[z]', after: { name: 'z' } },
  ],
  'what has none by its place': [{ a: [{ v: 1 }, { v: 2 }] }, { a: [{ v: 1 }, { v: 3 }] }, { path: 'a[1].v', before: 2, after: 3 }],
  'the same name twice is no name': [
    { a: [{ name: 'x' }, { name: 'x', v: 1 }] },
    { a: [{ name: 'x' }, { name: 'x', v: 2 }] },
    { path: 'a[1].v', before: 1, after: 2 },
  ],
};
for (const [name, [before, after, ...changes]] of Object.entries(cases)) {
  test(`fields: ${name}`, () => assert.deepEqual(fieldChanges(before, after), changes));
}

test('as few names as possible change their place', () => {
  const orders: readonly (readonly [before: string, after: string, moved: string])[] = [
    ['abcd', 'abcd', ''],
    ['abcd', 'bcda', 'a'],
    ['abcd', 'axbycz', ''],
    ['abcd', 'dcba', 'dcb'],
    ['abc', 'cab', 'c'],
    ['', 'ab', ''],
  ];
  for (const [before, after, moved] of orders) assert.deepEqual([...movedNames([...before], [...after])].join(''), moved, `${before} ${after}`);
});
