import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderLimits, memoryLimits, outdated } from './retention.ts';

const dayMs = 24 * 60 * 60 * 1000;
const now = 1000 * dayMs;
/** Newest first, one every `everyMs`. */
const made = (count: number, everyMs: number) => Array.from({ length: count }, (_, index) => ({ revision: `${index}`, lastAt: now - index * everyMs }));

for (const [where, limits] of Object.entries({ 'a folder': folderLimits, memory: memoryLimits })) {
  const gone = (count: number, everyMs: number, served?: string) =>
    outdated(made(count, everyMs), { served, now, limits }).map(({ revision }) => Number(revision));

  test(`in ${where} the last hundred revisions are kept`, () => {
    assert.deepEqual(gone(100, 1000), []);
    assert.deepEqual(gone(103, 1000), [100, 101, 102]);
    assert.deepEqual(gone(103, 1000, '101'), [100, 102]);
  });

  test(`in ${where} they are kept for seven days, the newest ten for ever`, () => {
    assert.deepEqual(
      gone(30, dayMs / 2),
      Array.from({ length: 15 }, (_, index) => 15 + index),
    );
    assert.deepEqual(gone(12, 30 * dayMs), [10, 11]);
  });
}
