import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyBoundsMs } from '../latency-bounds.ts';
import { judgeRollout, type Reports, restartRollout, startRollout } from './rollout.ts';
import { moreSlow, type Times } from './rollout-times.ts';

/** So many requests in the buckets of these bounds. */
const times = (requests: Readonly<Record<number, number>>): Times => [...latencyBoundsMs.map((bound) => requests[bound] ?? 0), 0];
const usual = times({ 10: 960, 100: 40 });
const slower = times({ 10: 700, 100: 300 });

const cases: readonly {
  readonly name: string;
  readonly before: readonly [first: Times, others: Times];
  readonly now: readonly [Times, Times];
  readonly isBad: boolean;
}[] = [
  { name: 'many more slow requests', before: [usual, usual], now: [slower, usual], isBad: true },
  { name: 'a backend that gets slow for all', before: [usual, usual], now: [slower, slower], isBad: false },
  { name: 'Envoys that always were slower', before: [slower, usual], now: [slower, usual], isBad: false },
  { name: 'others that get faster', before: [usual, slower], now: [usual, usual], isBad: false },
  { name: 'too few requests now', before: [usual, usual], now: [times({ 100: 99 }), usual], isBad: false },
  { name: 'too few requests before', before: [times({ 10: 99 }), usual], now: [slower, usual], isBad: false },
  { name: 'nobody to compare with', before: [usual, times({})], now: [slower, times({})], isBad: false },
  { name: 'a few milliseconds', before: [times({ 2: 1000 }), usual], now: [times({ 10: 1000 }), usual], isBad: false },
  { name: 'the same again', before: [times({ 250: 1000 }), usual], now: [times({ 350: 1000 }), usual], isBad: false },
  { name: 'twice as long', before: [times({ 250: 1000 }), usual], now: [times({ 700: 1000 }), usual], isBad: true },
  { name: 'fewer than a tenth', before: [usual, usual], now: [times({ 10: 90_000, 100: 9_000 }), usual], isBad: false },
  { name: 'a difference by chance', before: [usual, usual], now: [times({ 10: 83, 100: 17 }), times({ 10: 96, 100: 4 })], isBad: false },
  { name: 'what nobody can be slower than', before: [times({ 300000: 1000 }), usual], now: [times({ 300000: 1000 }), usual], isBad: false },
];

for (const { name, before, now, isBad } of cases) {
  test(`${name} ${isBad ? 'speaks' : 'does not speak'} against a revision`, () => {
    assert.equal(moreSlow({ first: before[0], others: before[1] }, { first: now[0], others: now[1] }) !== undefined, isBad);
  });
}

test('a rollout whose Envoys get slower goes back, also where a newer revision took its place on them', () => {
  const connected = ['a', 'b', 'c'].map((id) => ({ id, group: 'g', revisionAcked: 'r' }));
  const canary = { share: { nodes: 1 }, watchMs: 60_000 };
  const reports = (of: Times): Reports => ({ requests: 1000, errors: 0, times: of });
  const rollout = startRollout('r', connected, canary, 0, () => reports(usual));
  const reportsOf = (id: string, from: number): Reports => reports(from === 0 && rollout.nodes.has(id) ? slower : usual);
  const why = '30% of 1000 requests of the Envoys that have it take longer than 25 ms, and before it 4% did; of the others 4% of 2000 take longer than 25 ms';
  assert.deepEqual(judgeRollout(rollout, connected, canary, 20_000, reportsOf), { type: 'back', why });
  assert.deepEqual(judgeRollout(restartRollout(rollout, 'r2', 0), connected, canary, 20_000, reportsOf), { type: 'back', why });
  assert.equal(judgeRollout(rollout, connected, canary, 20_000, () => reports(usual)).type, 'watch');
  const unknown = startRollout('r', connected, canary, 0);
  assert.equal(judgeRollout(unknown, connected, canary, 20_000, reportsOf).type, 'watch', 'nobody knows what was usual');
});
