import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blamed } from './refusal.ts';

const cases: readonly [message: string, candidates: readonly string[], expected: readonly string[] | undefined][] = [
  ['Error adding/updating cluster(s) default/a/80: bad words', ['default/a/80', 'default/b/80'], ['default/a/80']],
  ['Error adding/updating cluster(s) a: why, b: why', ['a', 'b', 'c'], ['a', 'b']],
  ['Error adding/updating listener(s) default/80: error about route a', ['default/80', 'a'], ['default/80']],
  ['name: "bad"\nconnect_timeout {}: constraint', ['bad', 'bad2', 'other'], ['bad']],
  ['something with default/ab/80 in it', ['default/a', 'b/80'], undefined],
  ['invalid perl operator: (?=', ['r'], ['r']],
  ['invalid perl operator: (?=', ['r', 's'], undefined],
  ['whatever', [], undefined],
];

for (const [message, candidates, expected] of cases) {
  test(`${JSON.stringify(message)} blames ${expected?.join(', ') ?? 'nobody'}`, () => assert.deepEqual(blamed(message, candidates), expected));
}
