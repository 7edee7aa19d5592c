import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createFakeClock } from '../../test/fake/clock.ts';
import { createLooks, type Looks } from './looks.ts';

/** Looks that the test ends, each with what to do next; looked at every 10 ms. */
function started(): {
  readonly looks: Looks;
  /** When each began. */
  readonly began: number[];
  readonly errors: unknown[];
  readonly signals: AbortSignal[];
  /** Ends the look that is under way. */
  end(next: number | undefined | Error): Promise<void>;
  pass(milliseconds: number): void;
} {
  const clock = createFakeClock();
  const [began, errors, signals]: [number[], unknown[], AbortSignal[]] = [[], [], []];
  let endNow: (next: number | undefined | Error) => void = () => assert.fail('nothing is looked at');
  const looks = createLooks({
    clock,
    gatherMs: 300,
    pauseMs: 1000,
    look(signal) {
      began.push(clock.steady());
      signals.push(signal);
      return new Promise((resolve, reject) => {
        endNow = (next) => (next instanceof Error ? reject(next) : resolve(next));
      });
    },
    onError: (error) => errors.push(error),
  });
  return {
    looks,
    began,
    errors,
    signals,
    async end(next) {
      endNow(next);
      await turn();
    },
    pass: (milliseconds) => clock.advance(milliseconds),
  };
}

test('what happens together is looked at together, after a pause, and what happens meanwhile once more', async () => {
  const { looks, began, end, pass } = started();
  looks.touch();
  pass(5000);
  assert.deepEqual(began, [], 'it has not begun');
  looks.begin();
  pass(0);
  assert.deepEqual(began, [5000]);
  for (let count = 0; count < 3; count++) {
    looks.touch();
    pass(100);
  }
  await end(undefined);
  pass(600);
  assert.deepEqual(began, [5000]);
  pass(100);
  assert.deepEqual(began, [5000, 6000]);
  await end(undefined);
  pass(10_000);
  looks.touch();
  pass(200);
  looks.touch();
  pass(1000);
  assert.deepEqual(began, [5000, 6000, 16_300]);
});

test('where nothing happens it is looked when the look says so, and a while after one that failed', async () => {
  const { looks, began, errors, end, pass } = started();
  looks.begin(1000);
  pass(1000);
  await end(3000);
  pass(3000);
  assert.deepEqual(began, [1000, 4000]);
  await end(new Error('away'));
  pass(4999);
  assert.deepEqual([began.length, errors.map(String)], [2, ['Error: away']]);
  pass(1);
  assert.deepEqual(began, [1000, 4000, 9000]);
  await end(undefined);
  pass(1e6);
  assert.equal(began.length, 3);
});

test('at rest nothing is looked at; what was under way is told to end, and who begins anew meanwhile looks once it has', async () => {
  const { looks, began, errors, signals, end, pass } = started();
  looks.begin();
  pass(0);
  let isOver = false;
  void looks.rest().then(() => (isOver = true));
  assert.equal(signals[0]?.aborted, true);
  looks.begin();
  pass(2000);
  await turn();
  assert.deepEqual([began, isOver], [[0], false]);
  await end(new Error('aborted'));
  assert.deepEqual([isOver, errors], [true, []]);
  pass(300);
  assert.deepEqual([began, signals[1]?.aborted], [[0, 2300], false]);
  await end(10);
  await looks.rest();
  looks.touch();
  pass(1e6);
  assert.equal(began.length, 2);
});
