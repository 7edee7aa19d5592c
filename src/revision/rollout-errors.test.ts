import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeRollout, type Reports, startRollout } from './rollout.ts';
import { moreErrors, type Requests } from './rollout-errors.ts';

const cases: readonly { readonly name: string; readonly first: Requests; readonly others: Requests; readonly isBad: boolean }[] = [
  { name: 'many more errors', first: { requests: 1000, errors: 100 }, others: { requests: 9000, errors: 9 }, isBad: true },
  { name: 'a backend that fails for all', first: { requests: 1000, errors: 110 }, others: { requests: 9000, errors: 900 }, isBad: false },
  { name: 'too few requests', first: { requests: 99, errors: 99 }, others: { requests: 9000, errors: 0 }, isBad: false },
  { name: 'nobody to compare with', first: { requests: 1000, errors: 1000 }, others: { requests: 99, errors: 0 }, isBad: false },
  { name: 'a difference that nobody minds', first: { requests: 1_000_000, errors: 6000 }, others: { requests: 1_000_000, errors: 0 }, isBad: false },
  { name: 'a difference by chance', first: { requests: 100, errors: 3 }, others: { requests: 900, errors: 9 }, isBad: false },
  { name: 'fewer errors', first: { requests: 1000, errors: 0 }, others: { requests: 1000, errors: 500 }, isBad: false },
  { name: 'everything fails', first: { requests: 1000, errors: 1000 }, others: { requests: 1000, errors: 1000 }, isBad: false },
];

for (const { name, first, others, isBad } of cases) {
  test(`${name} ${isBad ? 'speaks' : 'does not speak'} against a revision`, () => {
    assert.equal(moreErrors([first], [others]) !== undefined, isBad);
  });
}

test('a rollout whose Envoys fail more goes back before its time is over', () => {
  const connected = ['a', 'b', 'c'].map((id) => ({ id, group: 'g', revisionAcked: 'r' }));
  const canary = { share: { nodes: 1 }, watchMs: 60_000 };
  const rollout = startRollout('r', connected, canary, 0);
  const asked: number[] = [];
  const reportsOf = (id: string, from: number): Reports => {
    asked.push(from);
    return { requests: 1000, errors: rollout.nodes.has(id) ? 50 : 0, times: [] };
  };
  const verdict = judgeRollout(rollout, connected, canary, 20_000, reportsOf);
  assert.deepEqual(verdict, { type: 'back', why: '5% of 1000 requests of the Envoys that have it fail, and 0% of 2000 of the others' });
  assert.deepEqual(new Set(asked), new Set([0]), 'since it was begun');
  assert.equal(judgeRollout(rollout, connected, canary, 20_000, () => ({ requests: 1000, errors: 5, times: [] })).type, 'watch');
  assert.equal(judgeRollout(rollout, connected, canary, 60_000, () => undefined).type, 'onward');
});
