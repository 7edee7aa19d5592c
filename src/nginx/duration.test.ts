import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nginxMilliseconds, positiveNginxDuration } from './duration.ts';

const durations: readonly (readonly [text: string, milliseconds: number | undefined])[] = [
  ['600', 600_000],
  ['600s', 600_000],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1m30', 90_000],
  ['1h500ms', 3_600_500],
  ['2d', 172_800_000],
  ['1M', 2_592_000_000],
  ['1y1w', (365 + 7) * 86_400_000],
  ['0', 0],
  ['5s30', 35_000],
  ['', undefined],
  ['soon', undefined],
  ['-1', undefined],
  ['1.5s', undefined],
  ['30s1m', undefined],
  ['1s1s', undefined],
  ['1h 30m', undefined],
  ['10S', undefined],
  ['s', undefined],
  ['100y', undefined],
];
for (const [text, milliseconds] of durations)
  test(`${JSON.stringify(text)} lasts ${milliseconds} ms for nginx`, () => assert.equal(nginxMilliseconds(text), milliseconds));

test('a time that must pass is above 0', () => {
  assert.deepEqual([positiveNginxDuration.read('0'), positiveNginxDuration.accepts('0s'), positiveNginxDuration.read(' 1s ')], [undefined, false, 1000]);
});
