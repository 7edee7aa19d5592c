import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { type Clock, systemClock } from '../clock.ts';
import { AnswerTooLongError } from './api-error.ts';
import { type ClusterClient, createClusterClient } from './client.ts';
import { pagesOf } from './pages.ts';

/** A client of an API server that lists so many objects. @param answer writes a page; undefined: as it is. */
async function clientOf(
  t: TestContext,
  objects: readonly string[],
  clock: Clock,
  answer = (response: ServerResponse, body: string, _limit: number): unknown => response.end(body),
): Promise<{ readonly client: ClusterClient; readonly limits: readonly number[] }> {
  const limits: number[] = [];
  const server: Server = createServer(({ url = '' }, response) => {
    const query = new URL(url, 'http://a').searchParams;
    const [limit, from] = [Number(query.get('limit')), Number(query.get('continue'))];
    const to = Math.min(objects.length, from + limit);
    limits.push(limit);
    const metadata = { resourceVersion: '7', ...(to < objects.length && { continue: String(to) }) };
    answer(response, JSON.stringify({ metadata, items: objects.slice(from, to) }), limit);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pages-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const client = createClusterClient({ kubeconfig }, clock);
  t.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { client, limits };
}

async function read(client: ClusterClient): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { items, version } of pagesOf<string>(client, { path: '/api/v1/services' })) {
    assert.equal(version, '7');
    found.push(...items);
  }
  return found;
}

test('a list comes in pages', async (t) => {
  const objects = Array.from({ length: 450 }, (_, number) => `s${number}`);
  const { client, limits } = await clientOf(t, objects, systemClock);
  assert.deepEqual(await read(client), objects);
  assert.deepEqual(limits, [200, 200, 200]);
});

test('objects of the largest size make pages smaller', async (t) => {
  const objects = Array.from({ length: 40 }, (_, number) => `${number}`.padEnd(1_500_000, 'x'));
  const { client, limits } = await clientOf(t, objects, systemClock);
  assert.deepEqual(await read(client), objects);
  assert.deepEqual(limits, [200, 25, ...Array.from({ length: 10 }, () => 4)]);
});

test('so does a way that is too slow for a page, but not one on which nothing comes', async (t) => {
  const clock = createFakeClock();
  const later = (): unknown => setTimeout(() => clock.advance(30_000), 50);
  const objects = ['a', 'b', 'c'];
  const slow = await clientOf(t, objects, clock, (response, body, limit) => (limit > 1 ? response.write(body, later) : response.end(body)));
  assert.deepEqual(await read(slow.client), objects);
  assert.deepEqual(slow.limits, [200, 25, 4, 1, 1, 1]);

  const silent = await clientOf(t, objects, clock, later);
  await assert.rejects(read(silent.client), (error: Error) => !(error instanceof AnswerTooLongError) && /^no answer to GET/.test(error.message));
  assert.deepEqual(silent.limits, [200]);
});
