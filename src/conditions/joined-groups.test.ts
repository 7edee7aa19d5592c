import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupFacts } from './facts.ts';
import { joinedGroups } from './joined-groups.ts';

const joined = (own: GroupFacts, ...others: readonly GroupFacts[]): GroupFacts | undefined =>
  joinedGroups(
    new Map([['edge', own]]),
    others.map((one) => new Map([['edge', one]])),
  ).get('edge');

test('Envoys of other replicas count, and have acknowledged what is asked for where that is the same', () => {
  const own = { envoys: 0, acknowledged: 0, revision: 'new' };
  assert.deepEqual(joined(own, { envoys: 2, acknowledged: 2, revision: 'new' }, { envoys: 1, acknowledged: 0, revision: 'new' }), {
    envoys: 3,
    acknowledged: 2,
    revision: 'new',
  });
  assert.deepEqual(joined({ ...own, envoys: 1, acknowledged: 1 }, { envoys: 2, acknowledged: 2, revision: 'old' }), {
    envoys: 3,
    acknowledged: 1,
    revision: 'new',
  });
});

test('a group that no object asks for has no Envoy that has all of it', () => {
  assert.deepEqual(joinedGroups(new Map(), [new Map([['lost', { envoys: 1, acknowledged: 1, revision: 'new' }]])]).get('lost'), {
    envoys: 1,
    acknowledged: 0,
  });
});

test('what a replica holds back matters where it has Envoys', () => {
  const theirs = { envoys: 1, acknowledged: 1, revision: 'new' };
  assert.equal(joined({ envoys: 0, acknowledged: 0, revision: 'new', held: 'too much goes' }, theirs)?.held, undefined);
  assert.equal(joined({ envoys: 1, acknowledged: 0, revision: 'new', held: 'too much goes' }, theirs)?.held, 'too much goes');
  assert.equal(joined({ envoys: 0, acknowledged: 0, revision: 'new' }, { ...theirs, held: 'it is pinned' })?.held, 'it is pinned');
  assert.equal(joined({ envoys: 0, acknowledged: 0, revision: 'newer' }, { ...theirs, held: 'it is pinned' })?.held, undefined);
});
