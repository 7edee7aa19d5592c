import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createFakeClock } from '../../../test/fake/clock.ts';
import { cluster, endpoints, listener, routes, secret } from '../../../test/fake/resources.ts';
import { keptOf } from '../../../test/history-contract.ts';
import type { KeptRevision } from '../../revision/history.ts';
import { defaultSettings } from '../../settings.ts';
import { createMemoryHistory } from '../../state/memory.ts';
import { createApi } from '../api.ts';
import type { Served } from '../served.ts';

const value = 'MARKER-OF-A-KEY';
/** Three revisions: the time to connect of the cluster makes them, and the certificate changes in the last. */
const [first, second, third] = [1000, 2000, 3000].map((connectMs) =>
  keptOf(
    [cluster('a', connectMs), listener('l', 80, 'r'), routes('r', { '/': 'a' }), endpoints('a', [connectMs]), secret('tls', value + (connectMs === 3000))],
    {
      at: connectMs,
    },
  ),
) as [KeptRevision, KeptRevision, KeptRevision];

function api({ hidesSecrets = false, history = true } = {}, more: Partial<Served> = {}) {
  const clock = createFakeClock(10_000);
  const memory = createMemoryHistory({ clock, log: pino({ enabled: false }) });
  for (const kept of [first, second, third]) memory.keep(kept);
  memory.keep(keptOf([cluster('x')], { group: 'gone' }));
  const load: typeof memory.load = async (group, revision) => {
    const loaded = await memory.load(group, revision);
    if (!loaded || !hidesSecrets) return loaded;
    const missingSecrets = new Map([...loaded.snapshot.resources.secrets.values()].map(({ name, version }) => [name, version]));
    return { ...loaded, missingSecrets, snapshot: { ...loaded.snapshot, resources: { ...loaded.snapshot.resources, secrets: new Map() } } };
  };
  // The second is served, the third is held back.
  const served = {
    groups: () => ['default'],
    snapshot: (group: string) => (group === 'default' ? second.snapshot : undefined),
    written: (group: string) => (group === 'default' ? second.snapshot : undefined),
    group: () => undefined,
    isReady: () => true,
    nodes: () => [],
    ...(history ? { history: { ...memory, load } } : {}),
    ...more,
  } as unknown as Served;
  const onBug = (error: unknown): never => {
    throw error;
  };
  const app = createApi({ served, settings: defaultSettings, clock, version: '', onBug });
  return async (path: string) => {
    const answer = await app.request(`/api/v1/${path}`);
    const text = await answer.text();
    assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString('base64').slice(0, -4)), 'a value of a secret is told');
    // biome-ignore lint/suspicious/noExplicitAny: the shapes are what the tests check.
    return { status: answer.status, json: JSON.parse(text) as any };
  };
}

test('the history is listed newest first, that of a group which is gone as well', async () => {
  const ask = api();
  const { json } = await ask('history');
  assert.deepEqual([json.group, json.served], ['default', second.record.revision]);
  assert.deepEqual(
    json.revisions.map(({ revision }: { revision: string }) => revision),
    [third, second, first].map(({ record }) => record.revision),
  );
  assert.equal(json.revisions[0].cause[0].object, 'HTTPRoute default/r');
  const { json: gone } = await ask('history?group=gone');
  assert.deepEqual([gone.group, gone.served, gone.revisions.length], ['gone', undefined, 1]);
});

test('two revisions are compared by name, by its beginning, or by what they are', async () => {
  const ask = api();
  const field = async (query: string) => {
    const { json } = await ask(`diff${query}`);
    return [json.from, json.to, json.diff.clusters[0].fields[0].before, json.diff.clusters[0].fields[0].after];
  };
  assert.deepEqual(await field(''), [first.record.revision, second.record.revision, '1s', '2s']);
  assert.deepEqual(await field('?from=served&to=newest'), [second.record.revision, third.record.revision, '2s', '3s']);
  assert.deepEqual(await field(`?from=${third.record.revision.slice(0, 6)}&to=${first.record.revision}`), [
    third.record.revision,
    first.record.revision,
    '3s',
    '1s',
  ]);
});

test('secrets differ by their hash, whether or not their values are kept, and endpoints are no part', async () => {
  for (const hidesSecrets of [true, false]) {
    const { json } = await api({ hidesSecrets })('diff?from=previous&to=newest');
    assert.deepEqual(json.diff.secrets, [{ name: 'tls', change: 'changed', fields: [] }]);
    assert.deepEqual(json.diff.endpoints, []);
  }
});

test('a snapshot is given encoded, of today with its endpoints, without the bytes of secrets', async () => {
  const ask = api();
  const { json } = await ask('snapshot/encoded');
  const byType = (type: string) => json.resources.filter((one: { type: string }) => one.type === type);
  assert.equal(json.revision, second.record.revision);
  assert.equal(byType('endpoints').length, 1);
  assert.deepEqual(Object.keys(byType('secrets')[0]).sort(), ['name', 'origins', 'type', 'version']);
  const known = second.snapshot.resources.clusters.get('a');
  assert.deepEqual(byType('clusters')[0].bytes, Buffer.from(known?.bytes ?? []).toString('base64'));
  const endpoint = (port: number, percent: number) => ({ address: '10.0.0.1', port, health: 'healthy', weight: 1, percent }) as const;
  const pool = { name: 'default/a/', by: 'Envoy', windowMs: 1, isIdle: false, origin: { type: 'dns', hosts: [] } } as const;
  const warmUps = () => [{ ...pool, clusters: ['a', 'elsewhere'], endpoints: [endpoint(1, 100), endpoint(2, 30)] }];
  assert.deepEqual(
    [json.young, (await api({}, { warmUps })('snapshot/encoded')).json.young],
    [[], [{ cluster: 'a', endpoints: [{ address: '10.0.0.1:2', percent: 30 }] }]],
  );
  const { json: older } = await ask(`snapshot/encoded?revision=${first.record.revision}`);
  assert.deepEqual([older.revision, older.resources.some((one: { type: string }) => one.type === 'endpoints')], [first.record.revision, false]);
});

test('what cannot be answered is said', async () => {
  const ask = api();
  const wrong = async (path: string, status: number, message: RegExp, of = ask) => {
    const answer = await of(path);
    assert.equal(answer.status, status, path);
    assert.match(answer.json.error.message, message);
  };
  await wrong('history?group=nowhere', 404, /group nowhere has no history; there are: default/);
  await wrong('diff?from=ffffffff', 404, /has no revision ffffffff/);
  await wrong('diff?from=', 404, /has no revision/);
  await wrong('diff', 404, /nothing is kept of group default from before what is served/, api({}, { snapshot: () => first.snapshot }));
  await wrong('diff?form=served', 400, /form/);
  await wrong('history', 400, /a folder has no history/, api({ history: false }));
});
