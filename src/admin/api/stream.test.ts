import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../../test/fake/clock.ts';
import { ApiError } from '../api-error.ts';
import { type Changes, createChanges } from '../changes.ts';
import type { StatusAnswer } from './status.ts';
import { streamApi } from './stream.ts';

function setUp() {
  const clock = createFakeClock();
  const changes = createChanges(clock);
  let groups: StatusAnswer['groups'] = [];
  changes.lookAt(() => ({ status: { groups, nodes: [] } as unknown as StatusAnswer, diagnostics: '' }));
  const publish = (revision: string): void => {
    groups = [{ name: 'default', revision }];
    changes.touch();
    clock.advance(500);
  };
  return { clock, changes, publish };
}

async function open(changes: Changes | undefined, clock: ReturnType<typeof createFakeClock>) {
  const app = streamApi(changes, clock).onError((error, context) => context.text(error.message, error instanceof ApiError ? error.status : 500));
  return app.request('/stream');
}

async function read(response: Response): Promise<() => Promise<string | undefined>> {
  const reader = (response.body ?? assert.fail('no body')).getReader();
  return async () => {
    const { value } = await reader.read();
    return value && new TextDecoder().decode(value);
  };
}

test('events are in the form of the standard, with comments in quiet times', async () => {
  const { clock, changes, publish } = setUp();
  const response = await open(changes, clock);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const next = await read(response);
  assert.equal(await next(), 'event: state\ndata: {"groups":[],"nodes":[]}\n\n');
  publish('r1');
  assert.equal(await next(), 'event: groups\ndata: {"changed":[{"name":"default","revision":"r1","types":[]}],"gone":[]}\n\n');
  clock.advance(15_000);
  assert.equal(await next(), ': still here\n\n');
  changes.stop();
  assert.equal(await next(), 'event: end\ndata: {"reason":"the server is stopping"}\n\n');
  assert.equal(await next(), undefined);
});

test('one that does not read is ended with the reason, and costs no more', async () => {
  const { clock, changes, publish } = setUp();
  const response = await open(changes, clock);
  for (let index = 0; index < 50; index++) publish(`${index}${'x'.repeat(200_000)}`);
  assert.equal(changes.followers(), 0);
  const text = await response.text();
  assert.ok(text.length < 5 * 1024 * 1024);
  assert.match(text, /event: end\ndata: \{"reason":"the reader is too slow"\}\n\n$/);
});

test('one that goes away is forgotten', async () => {
  const { clock, changes } = setUp();
  const response = await open(changes, clock);
  assert.equal(changes.followers(), 1);
  await response.body?.cancel();
  assert.equal(changes.followers(), 0);
});

test('more than a hundred are refused, and a folder has nothing to follow', async () => {
  const { clock, changes } = setUp();
  for (let index = 0; index < 100; index++) assert.equal((await open(changes, clock)).status, 200);
  assert.equal((await open(changes, clock)).status, 429);
  assert.equal((await open(undefined, clock)).status, 404);
});
