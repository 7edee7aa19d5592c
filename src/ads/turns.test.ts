import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { createTurns } from './turns.ts';

test('endpoints go before all that may be large, also while too much is under way', async () => {
  let isFull = true;
  const done: string[] = [];
  const turns = createTurns(() => isFull);
  turns.add(() => done.push('large'));
  turns.addUrgent([() => done.push('endpoints')]);
  await immediate();
  await immediate();
  assert.deepEqual(done, ['endpoints']);
  isFull = false;
  turns.go();
  assert.deepEqual(done, ['endpoints', 'large']);
});

test('a task that is added again while it waits runs once, and one that is removed does not', async () => {
  let count = 0;
  const turns = createTurns(() => false);
  function task(): void {
    count += 1;
  }
  turns.add(task);
  turns.add(task);
  turns.go();
  assert.equal(count, 0, 'what is scheduled already is not run twice');
  await immediate();
  assert.equal(count, 1);
  turns.add(task);
  turns.remove(task);
  await immediate();
  assert.equal(count, 1);
});

test('other work has its turn between many tasks', async () => {
  const turns = createTurns(() => false);
  let done = 0;
  function task(): void {
    for (const end = performance.now() + 15; performance.now() < end; );
    done += 1;
  }
  turns.addUrgent(Array.from({ length: 10 }, () => task));
  await immediate();
  assert.ok(done > 0 && done < 10, `${done} of 10`);
  while (done < 10) await immediate();
});
