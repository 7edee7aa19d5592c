import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createFakeClock } from '../../../test/fake/clock.ts';
import type { ObjectKey } from '../../store/sink.ts';
import { createRefusedReads } from './refused-reads.ts';

const key = (name: string): ObjectKey => ({ kind: 'Secret', namespace: 'shop', name });

test('what may not be read is named, and asked for until it may or nothing needs it', () => {
  const clock = createFakeClock();
  const lines: string[] = [];
  const asked: string[] = [];
  const unneeded = new Set<string>();
  let changes = 0;
  const reads = createRefusedReads({
    clock,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    random: () => 0.5,
    again({ name }) {
      asked.push(name);
      return !unneeded.has(name);
    },
    onChange: () => (changes += 1),
  });
  const told = (): readonly (string | undefined)[] => reads.diagnostics().map(({ code, at }) => `${code} ${at.object}`);
  for (const name of ['a', 'b']) reads.refused(key(name), 'secrets is forbidden.');
  reads.refused(key('a'), 'secrets is forbidden.');
  assert.deepEqual(told(), ['KindForbidden Secret shop/a', 'KindForbidden Secret shop/b']);
  assert.match(reads.diagnostics()[0]?.message ?? '', /may not be read: secrets is forbidden\. It counts as missing/);
  assert.deepEqual([changes, lines.length], [2, 2]);

  clock.advance(10_000);
  assert.deepEqual(asked, ['a', 'b']);
  reads.allowed(key('a'));
  unneeded.add('b');
  clock.advance(10_000);
  assert.deepEqual([asked, told(), changes], [['a', 'b', 'b'], [], 4]);
  clock.advance(60_000);
  assert.equal(asked.length, 3);
});
