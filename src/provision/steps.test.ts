import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Manifest, type ManifestKind, manifestKinds, sealed } from './manifest.ts';
import { type Found, type LiveObject, says, stepsTo } from './steps.ts';

const manifest = (kind: ManifestKind, name: string, owner: string, content: object = {}): Manifest =>
  sealed({
    apiVersion: manifestKinds[kind].apiVersion,
    kind,
    metadata: {
      name,
      namespace: 'shop',
      labels: { a: 'b' },
      annotations: {},
      ownerReferences: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name, uid: owner, controller: true }],
    },
    ...content,
  });

/** As the API server has it after it was applied. */
const live = ({ kind, ...content }: Manifest, more: object = {}): Found => ({
  kind,
  object: { ...content, metadata: { ...content.metadata, uid: `of ${content.metadata.name}`, resourceVersion: '1', ...more } } as LiveObject,
});

const shown = ({ apply, remove }: ReturnType<typeof stepsTo>) => ({
  apply: apply.map(({ manifest: { kind, metadata }, live: there }) => `${kind} ${metadata.name}${there ? '' : ' new'}`),
  remove: remove.map(({ kind, object }) => `${kind} ${object.metadata.name}`),
});

const [deployment, service] = [manifest('Deployment', 'public', '1', { spec: { replicas: 2 } }), manifest('Service', 'public', '1')];

test('what is missing is made, what is as it is wanted is left alone', () => {
  const wanted = new Map([['1', [service, deployment]]]);
  assert.deepEqual(shown(stepsTo(wanted, [])), { apply: ['Service public new', 'Deployment public new'], remove: [] });
  assert.deepEqual(shown(stepsTo(wanted, [live(service), live(deployment)])), { apply: [], remove: [] });
});

test('what was changed by hand is applied, and so is what is said no more', () => {
  const wanted = new Map([['1', [deployment]]]);
  const byHand = live(manifest('Deployment', 'public', '1', { spec: { replicas: 3 } }));
  assert.deepEqual(shown(stepsTo(wanted, [byHand])).apply, ['Deployment public']);
  const before = live(manifest('Deployment', 'public', '1', { spec: { replicas: 2, paused: true } }));
  assert.deepEqual(shown(stepsTo(wanted, [before])).apply, ['Deployment public']);
});

test('only what belongs to a Gateway that wants it no more is removed', () => {
  const found = [
    live(service),
    live(deployment),
    live(manifest('Service', 'of-unknown', '2')),
    live(service, { name: 'nobodys', ownerReferences: [] }),
    live(service, { name: 'going', deletionTimestamp: '2026-11-27T00:00:00Z' }),
  ];
  assert.deepEqual(shown(stepsTo(new Map([['1', []]]), found)).remove, ['Service public', 'Deployment public']);
  assert.deepEqual(shown(stepsTo(new Map([['1', [deployment]]]), found)).remove, ['Service public']);
  assert.deepEqual(shown(stepsTo(new Map(), found)).remove, []);
});

test('an object of another owner under the name of ours is no object of ours', () => {
  const theirs = live(service, { ownerReferences: [{ uid: '9', controller: true }] });
  assert.deepEqual(shown(stepsTo(new Map([['1', [service]]]), [theirs])), { apply: ['Service public'], remove: [] });
});

describe('what the API server says beside or in its own way', () => {
  for (const [wanted, there, expected] of [
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: 1 }, { b: 1 }, false],
    [{ a: { b: 1 } }, { a: undefined }, false],
    [[{ a: 1 }], [{ a: 1, b: 1 }], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    ['0.5', '500m', true],
    ['1024Mi', '1Gi', true],
    ['1000m', '1', true],
    ['1G', '1Gi', false],
    ['500m', '500', false],
    ['latest', 'v1', false],
    ['2', 2, false],
  ] as const)
    test(`${JSON.stringify(there)} ${expected ? 'says' : 'does not say'} ${JSON.stringify(wanted)}`, () => assert.equal(says(there, wanted), expected));
});
