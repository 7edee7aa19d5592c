import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchEvents } from './watch-events.ts';

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(...texts: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const found: (readonly unknown[])[] = [];
  for await (const events of watchEvents(chunks(...texts))) found.push(events.map(({ object }) => object));
  return found;
}

const event = (object: string): string => `{"type":"ADDED","object":"${object}"}\n`;

test('events that arrive together are given together', async () => {
  assert.deepEqual(await read(event('a') + event('b'), event('c')), [['a', 'b'], ['c']]);
});

test('an event may arrive in pieces, cut within a letter too', async () => {
  const text = Buffer.from(event('ä') + event('b'));
  const cut = text.indexOf(0xc3) + 1;
  const pieces = [text.subarray(0, 3), text.subarray(3, cut), text.subarray(cut)];
  const found: unknown[] = [];
  async function* stream(): AsyncGenerator<Buffer> {
    yield* pieces;
  }
  for await (const events of watchEvents(stream())) found.push(...events.map(({ object }) => object));
  assert.deepEqual(found, ['ä', 'b']);
});

test('what is cut off at the end is no event, and what is no JSON ends the watch', async () => {
  assert.deepEqual(await read(event('a'), '{"type":"ADD'), [['a']]);
  await assert.rejects(read('<html>\n'), SyntaxError);
});
