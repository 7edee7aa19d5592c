import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { numbered, settled, silent, testLimits, until } from '../../test/history-contract.ts';
import { createHistory } from './history.ts';
import { memoryMedium } from './memory.ts';

/** A history on a medium that refuses to be written while told so. */
function start() {
  const clock = createFakeClock();
  const state = { isBroken: true, failures: 0 };
  const medium = memoryMedium();
  const history = createHistory(
    {
      ...medium,
      async writeEntry() {
        if (state.isBroken) throw new Error('ENOSPC: no space left on device');
      },
    },
    { clock, log: silent, limits: testLimits, onFailure: () => state.failures++ },
  );
  return { clock, history, state };
}

test('a failure is told and counted, and what waited is written later', async () => {
  const { clock, history, state } = start();
  history.keep(numbered(1));
  await until(() => state.failures === 1);
  const [found] = history.diagnostics();
  assert.deepEqual([found?.code, found?.at], ['StateUnwritable', { file: 'memory' }]);
  assert.match(found?.message ?? '', /no space left/);
  history.keep(numbered(2));
  assert.ok(await history.load('default', numbered(1).record.revision), 'what is not written can be loaded');
  clock.advance(4999);
  assert.equal(state.failures, 1, 'a failing medium is not asked for every change');
  state.isBroken = false;
  clock.advance(1);
  await until(() => history.diagnostics().length === 0);
  await settled(history);
  assert.deepEqual([history.usage().revisions, state.failures], [2, 1]);
  await history.stop();
});

test('what waits for a medium that fails is bounded, and what is served stays', async () => {
  const { history } = start();
  history.release('default', { served: numbered(0).record.revision, at: 0 });
  for (let number = 0; number < 30; number++) history.keep(numbered(number));
  const isThere = async (number: number) => (await history.load('default', numbered(number).record.revision)) !== undefined;
  assert.deepEqual([await isThere(0), await isThere(1), await isThere(14), await isThere(15), await isThere(29)], [true, false, false, true, true]);
  await history.stop();
});
