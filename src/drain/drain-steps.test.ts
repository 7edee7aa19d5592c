import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DrainLimits, startOfDrain, stepDrain } from './drain-steps.ts';
import type { OpenWork } from './open-work.ts';

const limits: DrainLimits = { noticeMs: 100, quietMs: 50, timeoutMs: 1000 };

const open = (connections: number, requests: number, requestsSoFar = 7): OpenWork => ({ connections, requests, requestsSoFar });

/** What is done at each look. @param looks time of the look, and what is open then; undefined: no answer. */
function actions(looks: readonly (readonly [at: number, open: OpenWork | undefined])[]): readonly string[] {
  let state = startOfDrain(0);
  return looks.map(([at, seen]) => {
    const step = stepDrain(state, seen, at, limits);
    state = step.state;
    return step.action;
  });
}

test('new connections are taken for the whole notice, whatever is open', () => {
  assert.deepEqual(
    actions([
      [0, open(0, 0)],
      [99, open(0, 0)],
      [100, open(3, 1)],
    ]),
    ['wait', 'wait', 'refuse'],
  );
});

test('once they are refused, Envoy ends when nothing is open', () => {
  assert.deepEqual(
    actions([
      [100, open(3, 1)],
      [110, open(1, 1)],
      [120, open(0, 0)],
    ]),
    ['refuse', 'wait', 'end'],
  );
});

test('idle connections are waited for until no request came for the quiet time', () => {
  assert.deepEqual(
    actions([
      [100, open(2, 1)],
      [120, open(2, 0)],
      [140, open(2, 0, 8)],
      [180, open(2, 0, 8)],
      [190, open(2, 0, 8)],
    ]),
    ['refuse', 'wait', 'wait', 'wait', 'end'],
  );
});

test('a request that is open is waited for until the time is over', () => {
  assert.deepEqual(
    actions([
      [100, open(1, 1)],
      [999, open(1, 1)],
      [1000, open(1, 1)],
    ]),
    ['refuse', 'wait', 'end'],
  );
});

test('without an answer nothing is done, but for the end of the time', () => {
  assert.deepEqual(
    actions([
      [50, open(0, 0)],
      [200, undefined],
      [900, undefined],
      [1000, undefined],
    ]),
    ['wait', 'wait', 'wait', 'end'],
  );
});
