import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cluster, endpoints, listener, routes, snapshotOf } from '../../test/fake/resources.ts';
import type { Resource } from '../resource.ts';
import { consistent } from './consistent.ts';
import { references } from './references.ts';
import { changeBetween, revisionOf } from './revision.ts';

const all: readonly Resource[] = [cluster('a'), endpoints('a', [1]), listener('l', 10, 'r'), routes('r', { '/': 'a' })];
const named = (list: readonly Resource[]): string => snapshotOf('g', list).revision;

describe('the name of a revision', () => {
  test('does not depend on the order, nor on endpoints', () => {
    assert.equal(named(all), named(all.toReversed()));
    assert.equal(named(all), named([...all, endpoints('a', [2])]));
    assert.equal(named(all), revisionOf(snapshotOf('other', all).resources));
  });

  test('depends on every other resource', () => {
    const others = [
      [...all, cluster('a', 2000)],
      [...all, cluster('b')],
      all.slice(0, 3),
      [...all, routes('r', { '/x': 'a' })],
      [...all, listener('l', 11, 'r')],
    ];
    assert.equal(new Set([all, ...others].map(named)).size, 6);
  });
});

describe('the change between two snapshots', () => {
  const cases: readonly [what: string, before: readonly Resource[] | undefined, after: readonly Resource[], change: object][] = [
    ['all is new without one before', undefined, all, { clusters: ['a'], endpoints: ['a'], listeners: ['l'], routes: ['r'] }],
    ['nothing', all, [...all], {}],
    ['a version', all, [...all, endpoints('a', [2])], { endpoints: ['a'] }],
    ['something new', all, [...all, cluster('b')], { clusters: ['b'] }],
    ['something gone', [...all, cluster('b')], all, { clusters: ['b'] }],
  ];
  for (const [what, before, after, change] of cases) {
    test(what, () => assert.deepEqual(changeBetween(before && snapshotOf('g', before), snapshotOf('g', after)), change));
  }
});

describe('references', () => {
  test('are found in clusters, listeners and routes', () => {
    const found = all.map((resource) => Object.fromEntries(Object.entries(references(resource)).map(([type, names]) => [type, [...names]])));
    const none = { secrets: [], clusters: [], endpoints: [], routes: [] };
    assert.deepEqual(found, [{ ...none, endpoints: ['a'] }, none, { ...none, routes: ['r'] }, { ...none, clusters: ['a'] }]);
  });

  test('what is missing is told once for each, but for what is meant to be missing', () => {
    const messages = (list: readonly Resource[], meant: readonly string[] = []) =>
      consistent(snapshotOf('g', list), new Set(meant)).map(({ message }) => message);
    assert.deepEqual(messages(all), []);
    assert.deepEqual(messages(all.slice(2)), ['route configuration r needs cluster a, which does not exist']);
    assert.deepEqual(messages(all.slice(2), ['a']), []);
    assert.deepEqual(messages([all[0], all[2]].filter((each) => each !== undefined)), [
      'cluster a needs endpoints a, which does not exist',
      'listener l needs route configuration r, which does not exist',
    ]);
  });

  test('a resource under a wrong name is told', () => {
    const snapshot = snapshotOf('g', all);
    const clusters = new Map([['b', cluster('a')]]);
    const found = consistent({ ...snapshot, resources: { ...snapshot.resources, clusters } }, new Set(['a']));
    assert.deepEqual(
      found.map(({ message }) => message),
      ['cluster a is listed as cluster b'],
    );
  });
});
