import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goDuration, size } from './form.ts';

const durations: readonly (readonly [text: string, milliseconds: number | undefined])[] = [
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['250ms', 250],
  ['5', undefined],
  ['', undefined],
  ['-5s', undefined],
  ['5s and more', undefined],
];

for (const [text, milliseconds] of durations) test(`${JSON.stringify(text)} lasts ${milliseconds} ms`, () => assert.equal(goDuration.read(text), milliseconds));

const sizes: readonly (readonly [text: string, bytes: number | undefined, isAccepted: boolean])[] = [
  ['1000', 1000, true],
  [' 8k ', 8192, true],
  ['1M', 1_048_576, true],
  ['8b', undefined, true],
  ['8 k', undefined, true],
  ['15r', undefined, false],
];

for (const [text, bytes, isAccepted] of sizes) {
  test(`${JSON.stringify(text)} is ${bytes} bytes`, () => assert.deepEqual([size.read(text), size.accepts(text)], [bytes, isAccepted]));
}
