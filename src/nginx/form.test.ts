import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goDuration } from './form.ts';

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
