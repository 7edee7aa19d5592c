import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createFakeClock } from '../../../test/fake/clock.ts';
import { ApiError } from '../../kubernetes/api-error.ts';
import type { ClusterClient } from '../../kubernetes/client.ts';
import { reflect } from './reflector.ts';

test('an API server that asks for patience is given some, and then that is told until it answers', async () => {
  const clock = createFakeClock();
  const states: string[] = [];
  const ending = new AbortController();
  let isBusy = true;
  let asked = 0;
  const client = {
    async ask() {
      asked += 1;
      if (isBusy) throw new ApiError(429, 'TooManyRequests', 'too many requests', 1000);
      return { metadata: { resourceVersion: '1' }, items: [] };
    },
    stream: ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('ended')))),
  } as Partial<ClusterClient> as ClusterClient;
  const running = reflect(
    {
      client,
      clock,
      random: () => 0,
      find: async () => '/api/v1/services',
      query: {},
      isMetadataOnly: false,
      onPage: async () => undefined,
      onListed: () => undefined,
      onEvents: () => undefined,
      onState: (state) => states.push('message' in state ? `${state.type}: ${state.message}` : state.type),
    },
    ending.signal,
  );
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000);
      await turn();
    }
  }
  await turn();
  await pass(29);
  assert.deepEqual([asked, states], [30, []], 'it says itself when to ask again');
  await pass(1);
  assert.deepEqual(states, ['away: the API server has too much to do: too many requests']);
  isBusy = false;
  await pass(1);
  assert.equal(states.at(-1), 'read');
  ending.abort();
  await running;
});
