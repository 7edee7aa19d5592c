import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { createFlights } from './flights.ts';

const mebibyte = 1024 * 1024;
const readMs = 60_000;

function start() {
  const clock = createFakeClock();
  const told = { free: 0, cut: [] as string[] };
  const flights = createFlights(clock, readMs, () => {
    told.free += 1;
  });
  return {
    clock,
    told,
    flights,
    begin(name: string, mebibytes: number) {
      const flight = flights.open((reason) => void told.cut.push(`${name}: ${reason}`));
      flight.begin(mebibytes * mebibyte);
      return flight.land;
    },
  };
}

test('it is full with 16 MiB on the way, and tells when there is room again', () => {
  const { told, flights, begin } = start();
  const landings = Array.from({ length: 4 }, (_, index) => begin(`${index}`, 4));
  assert.equal(flights.isFull(), true);
  landings[0]?.();
  assert.deepEqual([flights.isFull(), told.free], [false, 1]);
  for (const land of landings) land();
  assert.deepEqual([flights.isFull(), told.free], [false, 1]);
});

test('who does not read holds up the others for a fifth of a second', () => {
  const { clock, told, flights, begin } = start();
  begin('deaf', 12);
  clock.advance(100);
  begin('reader', 4);
  assert.equal(flights.isFull(), true);
  clock.advance(99);
  assert.equal(flights.isFull(), true);
  clock.advance(101);
  assert.deepEqual([flights.isFull(), told.free > 0], [false, true]);
});

test('where 32 MiB wait for such clients already, others are waited for longer', () => {
  const { clock, flights, begin } = start();
  const landings = [begin('slow', 16), begin('slow', 16)];
  clock.advance(200);
  assert.equal(flights.isFull(), false);
  begin('slow as well', 16);
  clock.advance(1999);
  assert.equal(flights.isFull(), true);
  clock.advance(1);
  assert.equal(flights.isFull(), false);
  begin('slow as well', 16);
  for (const land of landings) land();
  clock.advance(200);
  assert.equal(flights.isFull(), false);
});

test('of those who do not read the first are cut where they hold too much', () => {
  const { clock, told, begin } = start();
  for (let index = 0; index < 5; index++) {
    begin(`deaf ${index}`, 70);
    clock.advance(3000);
  }
  assert.deepEqual(told.cut, ['deaf 0: memory', 'deaf 1: memory']);
});

test('who reads nothing of a message for too long is cut, whatever else is sent and read meanwhile', () => {
  const { clock, told, begin } = start();
  begin('first', 1)();
  clock.advance(1000);
  begin('deaf', 1);
  clock.advance(1000);
  begin('stuck', 20);
  clock.advance(500);
  const land = begin('reader', 1);
  clock.advance(readMs - 1501);
  assert.deepEqual(told.cut, []);
  clock.advance(1);
  assert.deepEqual(told.cut, ['deaf: time']);
  clock.advance(1000);
  assert.deepEqual(told.cut, ['deaf: time', 'stuck: time']);
  land();
  clock.advance(2 * readMs);
  assert.deepEqual(told.cut, ['deaf: time', 'stuck: time']);
});
