import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTally, type LoadPiece } from './tally.ts';

const piece = (began: number, issued: number): LoadPiece => ({ began, ended: began + 10_000, issued, succeeded: issued, failed: 0, activeMs: 0 });

test('counts only reports that began after a moment', () => {
  const tally = createTally(() => 60_000);
  for (const at of [0, 10_000, 20_000]) tally.add(piece(at, 100 + at / 1000));
  assert.deepEqual(tally.since(0), { from: 0, to: 30_000, issued: 330, succeeded: 330, failed: 0, activeMs: 0 });
  assert.equal(tally.since(10_000).issued, 230);
  assert.equal(tally.since(10_001).issued, 120, 'a report that began before it is not counted');
  assert.equal(tally.since(50_000).issued, 0);
  assert.equal(tally.lastAt(), 30_000);
});

test('forgets what is older than its window, and what it keeps does not grow', () => {
  const tally = createTally(() => 60_000);
  for (let at = 0; at < 3_600_000; at += 10_000) tally.add(piece(at, 1));
  assert.ok(tally.since(0).issued <= 8, String(tally.since(0).issued));
  assert.equal(tally.sinceMark().issued, 360);
});

test('counts anew from a mark on, without the report that began before', () => {
  const tally = createTally(() => 60_000);
  tally.add(piece(0, 5));
  tally.mark(15_000);
  tally.add(piece(10_000, 50));
  assert.equal(tally.sinceMark().issued, 0);
  tally.add(piece(20_000, 7));
  assert.deepEqual(tally.sinceMark(), { from: 20_000, to: 30_000, issued: 7, succeeded: 7, failed: 0, activeMs: 0 });
});
