import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ObjectKey } from '../../store/sink.ts';
import type { Stored } from '../../store/stored.ts';
import { createClusterObjects } from './objects.ts';
import { type ReadObject, readObject } from './read-object.ts';

const metadata = (name: string): object => ({ namespace: 'shop', name, uid: name, creationTimestamp: '2026-11-20T08:00:00Z' });
const keyOf = (name: string): ObjectKey => ({ kind: 'Secret', namespace: 'shop', name });
const secretOf = (name: string, value: string): ReadObject =>
  readObject('Secret', 'v1', { metadata: metadata(name), data: { auth: Buffer.from(value).toString('base64') } });
const ingress = (...secrets: readonly string[]): ReadObject =>
  readObject('Ingress', 'networking.k8s.io/v1', { metadata: metadata('shop'), spec: { tls: secrets.map((secretName) => ({ secretName })) } });

test('a Secret that changes while others are still read for the first list is read again', async () => {
  const values = new Map([
    ['fast', 'old'],
    ['slow', 'old'],
  ]);
  const slow = Promise.withResolvers<void>();
  let listed: readonly Stored[] = [];
  const objects = createClusterObjects(
    {
      sink: { list: (all) => (listed = all), change: () => undefined, diagnostics: () => undefined },
      async load({ name }) {
        if (name === 'slow') await slow.promise;
        return secretOf(name, values.get(name) ?? '');
      },
      always: () => false,
    },
    () => undefined,
  );
  objects.change({ put: [ingress('fast', 'slow')], remove: [], isBulk: true });
  objects.names({ put: [keyOf('fast'), keyOf('slow')], remove: [], isBulk: true });
  const listing = objects.list();
  await setImmediate();
  values.set('fast', 'new');
  objects.names({ put: [keyOf('fast')], remove: [], isBulk: false });
  slow.resolve();
  await listing;
  const texts = listed.flatMap((one) => (one.kind === 'Secret' ? `${one.name} ${atob(one.object.data?.['auth'] ?? '')}` : []));
  assert.deepEqual(texts.toSorted(), ['fast new', 'slow old']);
});

test('what could not be read is read again while something refers to it', async () => {
  let mayRead = false;
  const put: string[] = [];
  const objects = createClusterObjects(
    {
      sink: { list: () => undefined, change: (change) => void put.push(...change.put.map(({ name }) => name)), diagnostics: () => undefined },
      load: async ({ name }) => (mayRead ? secretOf(name, 'x') : undefined),
      always: () => false,
    },
    () => undefined,
  );
  objects.change({ put: [ingress('a')], remove: [], isBulk: true });
  objects.names({ put: [keyOf('a'), keyOf('b')], remove: [], isBulk: true });
  await objects.list();
  assert.equal(objects.again(keyOf('a')), true);
  await setImmediate();
  assert.deepEqual(put, []);
  mayRead = true;
  assert.equal(objects.again(keyOf('a')), true);
  await setImmediate();
  assert.deepEqual(put, ['a']);
  assert.equal(objects.again(keyOf('b')), false);
  assert.equal(objects.again(keyOf('gone')), false);
});
