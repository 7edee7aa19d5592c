import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildDelay, buildDelay } from './build-delay.ts';

const cases: readonly {
  readonly name: string;
  readonly waitingSince?: number;
  readonly isFirst?: boolean;
  readonly tookMs?: number;
  readonly endedAt?: number;
  readonly delay: BuildDelay;
}[] = [
  { name: 'one change after a rest is built at once, and may be followed', delay: { delayMs: 2, quietAt: 10_020 } },
  { name: 'one soon after a build waits for quiet', endedAt: 9750, delay: { delayMs: 20 } },
  { name: 'a rest is longer after a long build', endedAt: 9100, tookMs: 100, delay: { delayMs: 20 } },
  { name: 'a further change waits for quiet', isFirst: false, waitingSince: 9900, delay: { delayMs: 20 } },
  { name: 'changes that go on and on are built in between', isFirst: false, waitingSince: 9760, delay: { delayMs: 10 } },
  { name: 'what waited for too long is built now', isFirst: false, waitingSince: 9000, delay: { delayMs: 0 } },
];
for (const { name, waitingSince = 10_000, isFirst = true, tookMs = 10, endedAt = 9000, delay } of cases) {
  test(name, () => assert.deepEqual(buildDelay(10_000, waitingSince, isFirst, { endedAt, tookMs }), delay));
}
