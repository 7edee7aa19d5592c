import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createReadMemory } from './read-memory.ts';

const size = 1000;

/** @param places of pieces: where each begins and ends. */
function taking(memory: ArrayBuffer, ...places: readonly (readonly [number, number])[]) {
  const read = createReadMemory();
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
    taking(memory, ...places).release('all');
    assert.equal(memory.byteLength, size);
    await nextTurn();
    assert.equal(memory.byteLength, 0, JSON.stringify(places));
  }
});

test('memory in which another stream or Node may have something stays', async () => {
  for (const places of [
    [[10, size]],
    [
      [0, 500],
      [510, size],
    ],
    [[0, size - 1]],
    [
      [500, size],
      [0, 491],
    ],
    [],
  ] as const) {
    const memory = new ArrayBuffer(size);
    taking(memory, ...places).release('all');
    await nextTurn();
    assert.equal(memory.byteLength, size, JSON.stringify(places));
  }
});

test('the last piece stays with all that is in its memory, until it is read as well', async () => {
  const [before, memory] = [new ArrayBuffer(size), new ArrayBuffer(size)];
  const read = taking(before, [0, size]);
  read.take(new Uint8Array(memory, 0, 500));
  read.take(new Uint8Array(memory, 509));
  read.release('all but the last');
  await nextTurn();
  assert.deepEqual([before.byteLength, memory.byteLength], [0, size]);
  read.release('all');
  await nextTurn();
  assert.equal(memory.byteLength, 0);
});

test('of what Node reads for one stream nearly all is given back, of two streams in turns nothing', async () => {
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
    const freed = alone.filter(({ byteLength }) => byteLength === 0).length;
    assert.ok(freed > alone.length / 2, `${freed} of ${alone.length}`);
    const [one = new Set(), other = []] = [new Set(together[0]), together[1]];
    const shared = other.filter((memory) => one.has(memory));
    assert.ok(shared.length > 0);
    assert.ok(shared.every(({ byteLength }) => byteLength > 0));
  } finally {
    session.destroy();
    server.close();
  }
});

/** Reads a stream to its end. @returns the memory in which its pieces came. */
async function memoriesOf(stream: ServerHttp2Stream): Promise<readonly ArrayBuffer[]> {
  const read = createReadMemory();
  const memories = new Set<ArrayBuffer>();
  stream.on('data', (piece: Uint8Array<ArrayBuffer>) => {
    read.take(piece);
    memories.add(piece.buffer);
  });
  await once(stream, 'end');
  read.release('all');
  stream.respond();
  stream.end();
  await nextTurn();
  return [...memories];
}
