import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurn, inTurns, turnMs } from './turn.ts';
import type { Work } from './work.ts';

/** Work of so many steps, each as long as a turn. */
function* longWork(steps: number, onStep: (step: number) => void): Work<string> {
  for (let step = 1; step <= steps; step++) {
    const until = performance.now() + turnMs;
    while (performance.now() < until);
    onStep(step);
    yield;
  }
  return 'done';
}

test('others have their turn between the steps of long work', async () => {
  const seen: (string | number)[] = [];
  setImmediate(() => seen.push('other'));
  assert.equal(await inTurns(longWork(3, (step) => void seen.push(step))), 'done');
  assert.deepEqual(seen, [1, 'other', 2, 3]);
});

test('work ends in the turn in which its signal aborts', async () => {
  const ending = new AbortController();
  const steps: number[] = [];
  const work = longWork(3, (step) => {
    steps.push(step);
    ending.abort(new Error('it is over'));
  });
  await assert.rejects(inTurns(work, ending.signal), /it is over/);
  assert.deepEqual(steps, [1]);
});

test('a turn rests only where it has been long enough', async () => {
  let others = 0;
  const turn = createTurn();
  setImmediate(() => others++);
  const began = performance.now();
  turn.begin();
  await turn.rest();
  // A machine that stands still for a whole turn rests, as it should.
  if (performance.now() - began < turnMs) assert.equal(others, 0);
  while (performance.now() - began < 2 * turnMs);
  await turn.rest();
  assert.equal(others, 1);
});
