import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRequestMeter } from './request-meter.ts';

const framed = (length: number, announced = length): Buffer => {
  const bytes = Buffer.alloc(5 + length, 7);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(announced, 1);
  return bytes;
};

describe('where the requests of a stream begin and end', () => {
  const cases: readonly (readonly [name: string, pieces: readonly Buffer[], expected: readonly (readonly [number, number | undefined] | undefined)[]])[] = [
    ['whole ones', [framed(3), framed(0), Buffer.concat([framed(2), framed(1)])], [undefined, undefined, undefined]],
    ['one in two pieces', [framed(4, 10), Buffer.alloc(6)], [[0, 10], undefined]],
    [
      'a head in pieces',
      [framed(0, 300).subarray(0, 1), framed(0, 300).subarray(1, 4), framed(0, 300).subarray(4)],
      [
        [0, undefined],
        [0, undefined],
        [0, 300],
      ],
    ],
    ['a part behind whole ones', [Buffer.concat([framed(1), framed(0), framed(2, 9)]), Buffer.alloc(7)], [[2, 9], undefined]],
    [
      'the end of one and the begin of the next',
      [framed(1, 3), Buffer.concat([Buffer.alloc(2), framed(1, 4)])],
      [
        [0, 3],
        [1, 4],
      ],
    ],
    ['the largest length', [framed(1, 2 ** 32 - 1)], [[0, 2 ** 32 - 1]]],
  ];
  for (const [name, pieces, expected] of cases) {
    test(name, () => {
      const meter = createRequestMeter();
      const told = pieces.map((piece) => meter.take(piece));
      assert.deepEqual(
        told.map((one) => one && [one.number, one.bytes]),
        expected,
      );
    });
  }
});

test('small pieces without end are told of, those of a network and those of the next request are not', () => {
  const pieces = (count: number, size: number): boolean => {
    const meter = createRequestMeter();
    meter.take(framed(0, 2 ** 30));
    let last = false;
    for (let piece = 0; piece < count; piece++) last = meter.take(Buffer.alloc(size))?.isCrumbled ?? false;
    return last;
  };
  assert.equal(pieces(50, 1), false);
  assert.equal(pieces(200, 1), true);
  assert.equal(pieces(10_000, 100), true);
  assert.equal(pieces(10_000, 1_400), false);
  const meter = createRequestMeter();
  for (let request = 0; request < 500; request++) {
    assert.equal(meter.take(framed(1, 2))?.isCrumbled, false);
    assert.equal(meter.take(Buffer.alloc(1)), undefined);
  }
});
