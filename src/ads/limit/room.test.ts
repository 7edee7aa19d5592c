import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRoom } from './room.ts';

function open(limits: { readonly bytes?: number; readonly bytesPerConnection?: number; readonly waiting?: number } = {}) {
  const room = createRoom({ bytes: 100, bytesPerConnection: 60, waiting: 3, ...limits });
  const granted: string[] = [];
  return { room, granted, enter: (name: string, bytes: number, connection: object = {}) => room.enter(connection, bytes, () => void granted.push(name)) };
}

describe('room', () => {
  test('is given at once while there is some, and given back', () => {
    const { room, granted, enter } = open();
    const [first, second] = [enter('first', 40), enter('second', 30)];
    assert.deepEqual([first?.isGranted(), second?.isGranted(), room.takenBytes(), granted], [true, true, 70, []]);
    first?.leave();
    first?.leave();
    second?.leave();
    assert.equal(room.takenBytes(), 0);
  });

  test('who finds none gets it when another leaves, in the order in which they came', () => {
    const { room, granted, enter } = open();
    const first = enter('first', 50);
    const [second, third] = [enter('second', 40), enter('third', 26)];
    assert.deepEqual([second?.isGranted(), third?.isGranted(), room.waiting()], [false, false, 2]);
    first?.leave();
    assert.deepEqual([granted, room.takenBytes(), room.waiting()], [['second', 'third'], 66, 0]);
  });

  test('who wants little does not wait behind who wants much', () => {
    const { granted, enter } = open();
    enter('first', 50);
    const second = enter('second', 40);
    const third = enter('third', 20);
    assert.deepEqual([second?.isGranted(), third?.isGranted(), granted], [false, true, []]);
  });

  test('who wants most of it takes it from nobody, and the next one of these waits', () => {
    const { room, granted, enter } = open();
    const large = enter('large', 100);
    assert.deepEqual([large?.isGranted(), enter('small', 50)?.isGranted(), enter('next', 51)?.isGranted()], [true, true, false]);
    assert.equal(room.takenBytes(), 150);
    large?.leave();
    assert.deepEqual([granted, room.takenBytes()], [['next'], 101]);
  });

  test('nobody takes more than half of what is left', () => {
    const { enter } = open();
    assert.deepEqual(
      [50, 26, 25, 13, 12].map((bytes) => enter('', bytes)?.isGranted()),
      [true, false, true, false, true],
    );
  });

  test('a connection has no more than its share, but one piece of any size', () => {
    const { room, granted, enter } = open({ bytes: 1000 });
    const connection = {};
    const large = enter('large', 70, connection);
    const more = enter('more', 1, connection);
    assert.deepEqual([large?.isGranted(), more?.isGranted(), enter('other', 1)?.isGranted()], [true, false, true]);
    large?.leave();
    assert.deepEqual([granted, room.takenBytes()], [['more'], 2]);
    assert.equal(enter('rest', 59, connection)?.isGranted(), true);
    assert.equal(enter('beyond', 1, connection)?.isGranted(), false);
  });

  test('only so many may wait, and who stops waiting makes place', () => {
    const { granted, enter } = open();
    const first = enter('first', 50);
    enter('second', 25);
    const waiting = ['a', 'b', 'c'].map((name) => enter(name, 13));
    assert.equal(enter('d', 13), undefined);
    waiting[0]?.leave();
    assert.equal(enter('d', 13)?.isGranted(), false);
    first?.leave();
    assert.deepEqual(granted, ['b', 'c', 'd']);
  });
});
