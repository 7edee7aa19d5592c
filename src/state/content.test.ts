import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, listener, snapshotOf } from '../../test/fake/resources.ts';
import type { KeptRevision } from '../revision/history.ts';
import { writeContent } from './content.ts';
import type { StoredBundle } from './medium.ts';
import { memoryMedium } from './memory.ts';

/** Revisions of the same clusters, each with another listener. */
function revision(number: number, clusters: KeptRevision['snapshot']['resources']['clusters'], endpointOrigins: KeptRevision['endpointOrigins']): KeptRevision {
  const snapshot = snapshotOf('g', [listener(`l${number}`, 80, 'r')]);
  const record = {
    group: 'g',
    revision: snapshot.revision,
    at: number,
    cause: [],
    moreCauses: 0,
    counts: { listeners: 1, routes: 0, clusters: 2, secrets: 0 },
  };
  return { record, snapshot: { ...snapshot, resources: { ...snapshot.resources, clusters } }, endpointOrigins };
}

test('what is in one revision and the next one is named once, and written again where it went', async () => {
  let named = 0;
  const medium = {
    ...memoryMedium(),
    keyOf: (id: string) => {
      named += 1;
      return id;
    },
  };
  const { clusters } = snapshotOf('g', [cluster('a'), cluster('b')]).resources;
  const origins: KeptRevision['endpointOrigins'] = new Map();
  const there = new Map<string, StoredBundle>();
  const write = async (kept: KeptRevision): Promise<{ readonly bundles: readonly string[]; readonly named: number }> => {
    named = 0;
    const bundles = await writeContent(medium, kept, (key) => there.get(key));
    for (const bundle of bundles) there.set(bundle.key, bundle);
    return { bundles: bundles.map(({ key }) => key), named };
  };
  const first = await write(revision(1, clusters, origins));
  assert.equal(first.named, first.bundles.length);
  const second = await write(revision(2, clusters, origins));
  assert.deepEqual([second.named, second.bundles.length], [1, first.bundles.length]);
  const [inBoth] = first.bundles.filter((key) => second.bundles.includes(key));
  assert.ok(inBoth !== undefined);
  there.delete(inBoth);
  await medium.removeBundle(inBoth);
  const third = await write(revision(3, clusters, origins));
  assert.ok(third.bundles.includes(inBoth));
  assert.ok(await medium.readBundle({ key: inBoth, secret: false }));
  // Where endpoints come from is stored with their clusters.
  const moved = await write(revision(4, clusters, new Map([['a', { type: 'static', namespace: 'n', backend: 'b', port: 80 }]])));
  assert.ok(moved.named > 1);
});
