import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAlone } from './http2-stream.ts';
import { createReadMemory } from './read-memory.ts';

const size = 5000;

/** @param places of pieces: where each begins and ends. */
function taking(memory: ArrayBuffer, isAlone: boolean, ...places: readonly (readonly [number, number])[]) {
  const read = createReadMemory(() => isAlone);
  for (const [start, end] of places) read.take(new Uint8Array(memory, start, end - start));
  return read;
}

test('memory that pieces fill, but for the heads of their frames, is given back in the next turn', async () => {
  for (const places of [
    [[0, size]],
    [[9, size]],
    [
      [9, 500],
      [509, 509],
      [509, size],
    ],
  ] as const) {
    const memory = new ArrayBuffer(size);
    taking(memory, false, ...places).release('all');
    assert.equal(memory.byteLength, size);
    await nextTurn();
    assert.equal(memory.byteLength, 0, JSON.stringify(places));
  }
});

const withGaps = [
  [[10, size]],
  [
    [0, 500],
    [510, size],
  ],
] as const;

test('memory in which another stream or Node may have something stays', async () => {
  for (const places of [
    ...withGaps,
    [[0, size - 1]],
    [
      [500, size],
      [0, 491],
    ],
    [],
  ] as const) {
    const memory = new ArrayBuffer(size);
    taking(memory, false, ...places).release('all');
    await nextTurn();
    assert.equal(memory.byteLength, size, JSON.stringify(places));
  }
});

test('of the only stream of a connection it is given back, whatever frames stand between the pieces', async () => {
  for (const [places, left] of [
    [withGaps[0], 0],
    [withGaps[1], 0],
    [[[10, size - 1]], size],
  ] as const) {
    const memory = new ArrayBuffer(size);
    taking(memory, true, ...places).release('all');
    await nextTurn();
    assert.equal(memory.byteLength, left, JSON.stringify(places));
  }
});

test('what is small is left to the garbage collector', async () => {
  const memory = new ArrayBuffer(100);
  taking(memory, true, [9, 100]).release('all');
  await nextTurn();
  assert.equal(memory.byteLength, 100);
});

test('the last piece stays with all that is in its memory, until it is read as well', async () => {
  const [before, memory] = [new ArrayBuffer(size), new ArrayBuffer(size)];
  const read = taking(before, false, [0, size]);
  read.take(new Uint8Array(memory, 0, 500));
  read.take(new Uint8Array(memory, 509));
  read.release('all but the last');
  await nextTurn();
  assert.deepEqual([before.byteLength, memory.byteLength], [0, size]);
  read.release('all');
  await nextTurn();
  assert.equal(memory.byteLength, 0);
});

test('of what Node reads for one stream all is given back, of two streams in turns nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const reading: Promise<readonly ArrayBuffer[]>[] = [];
  server.on('stream', (stream: ServerHttp2Stream) => reading.push(memoriesOf(stream)));
  try {
    const message = Buffer.alloc(1024 * 1024, 'x');
    for (const streams of [1, 2]) {
      const requests = Array.from({ length: streams }, () => session.request({ ':method': 'POST' }));
      for (const request of requests) {
        request.resume();
        request.end(message);
      }
      await Promise.all(requests.map((request) => once(request, 'close')));
    }
    const [alone = [], ...together] = await Promise.all(reading);
    assert.ok(alone.length > 10);
    assert.ok(alone.every(({ byteLength }) => byteLength === 0));
    const [one = new Set(), other = []] = [new Set(together[0]), together[1]];
    const shared = other.filter((memory) => one.has(memory));
    assert.ok(shared.length > 0);
    assert.ok(shared.every(({ byteLength }) => byteLength > 0));
  } finally {
    session.destroy();
    server.close();
  }
});

/** What is smaller is left to the garbage collector. */
const leastBytes = 4096;

/** Reads a stream to its end. @returns the memory in which its pieces came. */
async function memoriesOf(stream: ServerHttp2Stream): Promise<readonly ArrayBuffer[]> {
  const read = createReadMemory(() => isAlone(stream));
  const memories = new Set<ArrayBuffer>();
  stream.on('data', (piece: Uint8Array<ArrayBuffer>) => {
    read.take(piece);
    if (piece.buffer.byteLength >= leastBytes) memories.add(piece.buffer);
  });
  await once(stream, 'end');
  read.release('all');
  stream.respond();
  stream.end();
  await nextTurn();
  return [...memories];
}
