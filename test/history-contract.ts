import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { EndpointOrigin } from '../src/ir/backend.ts';
import type { Resource } from '../src/resource.ts';
import type { Cause, History, KeptRevision, RevisionRecord } from '../src/revision/history.ts';
import type { Limits } from '../src/state/retention.ts';
import { patienceMs } from './e2e/wait.ts';
import { createFakeClock, type FakeClock } from './fake/clock.ts';
import { cluster, endpoints, listener, routes, secret, snapshotOf } from './fake/resources.ts';

/** What a history under test is made with. */
export interface ContractOptions {
  readonly clock: FakeClock;
  readonly limits: Limits;
}

const dayMs = 24 * 60 * 60 * 1000;
export const testLimits: Limits = { revisions: 5, ageMs: 7 * dayMs, always: 2, bytes: 1024 * 1024 };
export const silent = pino({ enabled: false });

/** A revision of these resources, as the engine hands it over. */
export function keptOf(list: readonly Resource[], { group = 'default', at = 0, ...more }: Partial<RevisionRecord> = {}): KeptRevision {
  const snapshot = snapshotOf(group, list);
  const { listeners, routes: tables, clusters, secrets } = snapshot.resources;
  const counts = { listeners: listeners.size, routes: tables.size, clusters: clusters.size, secrets: secrets.size };
  const cause: readonly Cause[] = [{ object: 'HTTPRoute default/r', change: 'changed', at: { object: 'HTTPRoute default/r', file: 'r.yaml', line: 3 } }];
  const record: RevisionRecord = { group, revision: snapshot.revision, at, cause, moreCauses: 0, counts, ...more };
  const origin = (name: string): EndpointOrigin => ({ type: 'service', namespace: 'default', service: name, port: 'http' });
  return { record, snapshot, endpointOrigins: new Map([...clusters.keys()].map((name) => [name, origin(name)])) };
}

/** The same configuration but for the time to connect: as many revisions as are wanted. */
export const numbered = (number: number, group = 'default'): KeptRevision =>
  keptOf([cluster('a', 1000 + number), cluster('b'), listener('l', 10, 'r'), routes('r', { '/': 'a' }), endpoints('a', [number])], { group, at: number });

/** Lets work that goes on behind come to its end. */
export async function settled(history: History, group = 'default'): Promise<void> {
  for (const { revision, hasContent } of history.records(group)) if (!hasContent) await history.load(group, revision);
  await until(() => history.records(group).every(({ hasContent }) => hasContent));
}

/** What every history does, wherever it keeps things. */
export function historyContract(create: (options: ContractOptions) => Promise<History>): void {
  async function start(limits: Partial<Limits> = {}) {
    const clock = createFakeClock(10 * dayMs);
    const history = await create({ clock, limits: { ...testLimits, ...limits } });
    return { clock, history, names: (group = 'default') => history.records(group).map(({ revision }) => revision) };
  }

  test('gives back what it was given, without endpoints', async () => {
    const { history } = await start();
    const kept = numbered(1);
    history.keep(kept);
    const expected = { ...kept.snapshot, resources: { ...kept.snapshot.resources, endpoints: new Map() } };
    for (const when of ['at once', 'when it is written']) {
      const loaded = await history.load('default', kept.record.revision);
      assert.deepEqual({ ...loaded?.snapshot, resources: plain(loaded?.snapshot.resources) }, { ...expected, resources: plain(expected.resources) }, when);
      assert.deepEqual([loaded?.record, loaded?.endpointOrigins, loaded?.missingSecrets], [kept.record, kept.endpointOrigins, new Map()], when);
      await settled(history);
    }
    await history.stop();
  });

  test('knows nothing of other groups and revisions', async () => {
    const { history, names } = await start();
    history.keep(numbered(1));
    assert.deepEqual(names('other'), []);
    assert.equal(await history.load('other', numbered(1).record.revision), undefined);
    assert.equal(await history.load('default', numbered(2).record.revision), undefined);
    await history.stop();
  });

  test('lists the newest first, and one that comes back in front with both its times', async () => {
    const { history, clock, names } = await start();
    for (const number of [1, 2, 3]) history.keep(numbered(number));
    const [first, second, third] = [1, 2, 3].map((number) => numbered(number).record.revision);
    assert.deepEqual(names(), [third, second, first]);
    clock.advance(60_000);
    history.keep({ ...numbered(1), record: { ...numbered(1).record, at: clock.now() } });
    assert.deepEqual(names(), [first, third, second]);
    const { at, lastAt } = history.records('default')[0] ?? assert.fail();
    assert.deepEqual([at, lastAt], [1, clock.now()]);
    await history.stop();
  });

  test('drops what is too much, never the newest and what is served', async () => {
    const { history, names } = await start();
    history.release('default', { served: numbered(1).record.revision, at: 0 });
    for (let number = 1; number <= 9; number++) history.keep(numbered(number));
    await until(() => history.usage().revisions === 6);
    assert.deepEqual(
      names(),
      [9, 8, 7, 6, 5, 1].map((number) => numbered(number).record.revision),
    );
    assert.ok(await history.load('default', numbered(1).record.revision));
    await history.stop();
  });

  test('drops what is too old, but keeps the newest ones however far the clock jumps', async () => {
    const { history, clock, names } = await start();
    for (const number of [1, 2, 3]) history.keep(numbered(number));
    await settled(history);
    clock.advance(365 * dayMs);
    history.keep(numbered(4));
    await until(() => history.usage().revisions === 2);
    assert.deepEqual(
      names(),
      [4, 3].map((number) => numbered(number).record.revision),
    );
    await history.stop();
  });

  test('a clock that jumps back takes nothing away', async () => {
    const { history, clock, names } = await start();
    clock.advance(300 * dayMs);
    history.keep(numbered(1));
    clock.advance(-300 * dayMs);
    history.keep(numbered(2));
    await settled(history);
    assert.deepEqual(
      names(),
      [2, 1].map((number) => numbered(number).record.revision),
    );
    await history.stop();
  });

  test('above its bytes the oldest lose their content and say so, never the newest and what is served', async () => {
    const { history } = await start({ bytes: 1 });
    history.release('default', { served: numbered(1).record.revision, at: 0 });
    for (const number of [1, 2, 3]) history.keep(numbered(number));
    await until(
      () =>
        history
          .records('default')
          .map(({ hasContent }) => hasContent)
          .join() === 'true,false,true',
    );
    assert.equal(await history.load('default', numbered(2).record.revision), undefined);
    assert.ok(await history.load('default', numbered(1).record.revision));
    history.keep(numbered(2));
    await until(
      () =>
        history
          .records('default')
          .map(({ hasContent }) => hasContent)
          .join() === 'true,false,true',
    );
    assert.ok(await history.load('default', numbered(2).record.revision));
    await history.stop();
  });

  test('revisions share what they have in common', async () => {
    const { history } = await start({ revisions: 100 });
    const many = Array.from({ length: 500 }, (_, index) => cluster(`cluster-${index}`));
    history.keep(keptOf(many));
    await settled(history);
    const { bytes } = history.usage();
    for (let number = 1; number <= 20; number++) {
      history.keep(keptOf([...many, cluster('cluster-7', 2000 + number)]));
      await settled(history);
    }
    assert.ok(history.usage().bytes < 2 * bytes, `21 revisions have ${history.usage().bytes} bytes, one has ${bytes}`);
    await history.stop();
  });

  test('a group that is retired goes after its time, one that comes back stays', async () => {
    const { history, clock, names } = await start();
    for (const group of ['gone', 'back']) {
      history.keep(numbered(1, group));
      history.release(group, { served: numbered(1).record.revision, at: 0 });
      history.retire(group);
    }
    history.keep(numbered(2, 'back'));
    await settled(history, 'back');
    clock.advance(8 * dayMs);
    history.keep(numbered(3, 'back'));
    await until(() => names('gone').length === 0);
    assert.deepEqual(
      names('back'),
      [3, 2, 1].map((number) => numbered(number).record.revision),
    );
    await history.stop();
  });

  test('names the secrets of a revision', async () => {
    const { history } = await start();
    const kept = keptOf([secret('default/certificate', 'hidden')]);
    history.keep(kept);
    await settled(history);
    const loaded = await history.load('default', kept.record.revision);
    assert.deepEqual([...(loaded?.snapshot.resources.secrets.keys() ?? []), ...(loaded?.missingSecrets.keys() ?? [])], ['default/certificate']);
    assert.equal(loaded?.snapshot.revision, kept.snapshot.revision);
    await history.stop();
  });

  test('stopping ends it in every state', async () => {
    const { history } = await start();
    history.keep(numbered(1));
    history.endpoints('default', numbered(1).snapshot.resources.endpoints);
    await Promise.all([history.stop(), history.stop()]);
    history.keep(numbered(2));
    history.endpoints('default', new Map());
    await history.stop();
  });
}

/** Buffers of different pools are not deeply equal to byte arrays. */
export function plain(resources: KeptRevision['snapshot']['resources'] | undefined) {
  return Object.entries(resources ?? {}).map(([type, map]) => [
    type,
    [...map.values()].map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') })),
  ]);
}

/** Waits for what goes on behind. */
export async function until(isDone: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isDone()) {
    if (performance.now() > end) assert.fail('it did not come to that');
    await new Promise((done) => setTimeout(done, 2));
  }
}
