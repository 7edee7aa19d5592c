import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createFakeClock } from '../../../test/fake/clock.ts';
import { createPace } from './pace.ts';

class Newcomer extends EventEmitter {
  bytesRead = 0;
  isDestroyed = false;
  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

/** So many come at the same time, */
const all = 80;
/** and so many of them may begin. */
const most = 32;

function arrive() {
  const clock = createFakeClock();
  let isRead = true;
  let isCrowded = false;
  let waits = (): void => undefined;
  const pace = createPace(
    clock,
    () => isCrowded,
    (call) => {
      if (isRead) call();
      else waits = call;
    },
  );
  const begun: number[] = [];
  const newcomers = Array.from({ length: all }, () => new Newcomer());
  for (const [number, newcomer] of newcomers.entries()) pace.enter(newcomer, () => begun.push(number));
  const read = (number: number, bytes: number): void => {
    const newcomer = newcomers[number];
    if (newcomer) newcomer.bytesRead += bytes;
  };
  /** Nothing is read meanwhile. */
  function readLater(): () => void {
    isRead = false;
    return () => waits();
  }
  const crowd = (is: boolean): void => {
    isCrowded = is;
  };
  return { clock, pace, begun, newcomers, read, readLater, crowd };
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

test('a few begin, in the order in which they came, and the next one when one of them is read', () => {
  const { clock, begun, read } = arrive();
  assert.deepEqual(begun, upTo(most));
  for (const number of upTo(most)) read(number, 1000);
  clock.advance(4);
  assert.deepEqual(begun, upTo(most), 'they may have more to say');
  for (const number of upTo(most - 2)) read(number, 1000);
  clock.advance(4);
  assert.deepEqual(begun, upTo(most + 2), 'the last two said nothing more');
});

test('what came during a long turn is read before it is asked who is quiet', () => {
  const { clock, begun, read, readLater } = arrive();
  for (const number of upTo(most)) read(number, 1000);
  clock.advance(4);
  const goOn = readLater();
  clock.advance(4);
  for (const number of upTo(most)) read(number, 1000);
  goOn();
  assert.deepEqual(begun, upTo(most));
});

test('who says nothing, or never comes to an end, does not hold up the others for ever', () => {
  const { clock, begun, read } = arrive();
  read(0, 1);
  for (let ms = 0; ms < 196; ms += 4) {
    read(0, 1);
    clock.advance(4);
  }
  assert.deepEqual(begun, upTo(most));
  read(0, 1);
  clock.advance(4);
  assert.deepEqual(begun, upTo(2 * most - 1), 'all but the one that speaks have been silent for too long');
  for (let ms = 200; ms < 2000; ms += 4) {
    read(0, 1);
    clock.advance(4);
  }
  assert.deepEqual(begun, upTo(all));
});

test('while much is not whole, nobody begins who would make it more; but not for ever', () => {
  const { clock, begun, read, crowd } = arrive();
  for (const number of upTo(most)) read(number, 1000);
  crowd(true);
  for (let ms = 0; ms < 100; ms += 4) clock.advance(4);
  assert.deepEqual(begun, upTo(most), 'they are quiet, and may not be at the end');
  crowd(false);
  clock.advance(4);
  assert.deepEqual(begun, upTo(2 * most));
  crowd(true);
  for (let ms = 0; ms < 2000; ms += 4) clock.advance(4);
  assert.deepEqual(begun, upTo(all));
});

test('who goes away makes room, and does not begin any more', () => {
  const { begun, newcomers } = arrive();
  newcomers[most + 4]?.destroy();
  for (const newcomer of newcomers.slice(0, most)) newcomer.destroy();
  assert.deepEqual(begun, [...upTo(most + 4), ...upTo(2 * most + 1).slice(most + 5)]);
});

test('at the end those that wait are closed', () => {
  const { pace, begun, newcomers } = arrive();
  pace.end();
  assert.deepEqual(
    newcomers.map(({ isDestroyed }) => isDestroyed),
    newcomers.map((_, number) => number >= most),
  );
  newcomers[0]?.destroy();
  assert.deepEqual(begun, upTo(most));
});
