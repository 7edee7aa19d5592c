import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { WantedCondition } from '../../src/conditions/condition.ts';
import { controllerName, type Entry, mergedEntries } from '../../src/conditions/entries.ts';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { applyStatus, type StatusTarget } from '../../src/kubernetes/apply-status.ts';
import { type ClusterClient, createClusterClient } from '../../src/kubernetes/client.ts';
import { createLiveObjects, type LiveObject } from '../../src/kubernetes/live-objects.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';

let cluster: ApiServer;
let client: ClusterClient;
/** Methods of the requests since the test began. */
let asked: string[] = [];
before(
  async () => {
    cluster = await startApiServer();
    const real = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
    client = {
      ...real,
      ask(request) {
        asked.push(request.method ?? 'GET');
        return real.ask(request);
      },
    };
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

interface About {
  readonly parentRef: { readonly group?: string; readonly kind?: string; readonly name: string };
}

const live = createLiveObjects(new Set(['HTTPRoute']));
const resource = { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'httproutes' };
const idOf = (name: string): string => `HTTPRoute/default/${name}`;

/** A route that the API server tells of. */
async function route(name: string): Promise<StatusTarget> {
  await cluster.apply(
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}, namespace: default}\nspec: {parentRefs: [{name: shop}]}\n`,
  );
  asked = [];
  return { id: idOf(name), uid: (await tell(name)).metadata.uid };
}

async function tell(name: string): Promise<LiveObject> {
  const object = await read(name);
  live.tell(idOf(name), 'HTTPRoute', resource, object, true);
  return object;
}

const read = async (name: string): Promise<LiveObject> =>
  JSON.parse(await cluster.get(`/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${name}`));
const parentsOf = ({ status }: LiveObject): readonly Entry<About>[] => (status as { readonly parents?: readonly Entry<About>[] } | undefined)?.parents ?? [];
const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'shop' };

const accepted = (message: string) => (live: LiveObject) => {
  const condition: WantedCondition = { type: 'Accepted', status: 'True', reason: 'Accepted', message, observedGeneration: live.metadata.generation ?? 0 };
  const wanted = [{ parentRef, controllerName, conditions: [condition] }];
  return { parents: mergedEntries<About>(parentsOf(live), wanted, (entry) => entry.parentRef, 32, Date.now()).entries };
};

async function sayAsOther(name: string): Promise<void> {
  const condition = { type: 'Accepted', status: 'False', reason: 'NoMatchingParent', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const parents = [...parentsOf(await read(name)), { parentRef, controllerName: 'example.com/other', conditions: [condition] }];
  await cluster.kubectl(['patch', 'httproute', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { parents } })]);
}

test('what is said already is not written, and what is to be is by one request', async () => {
  const target = await route('twice');
  assert.equal(await applyStatus(client, live, target, accepted('')), 'written');
  assert.equal(await applyStatus(client, live, target, accepted('')), 'unchanged');
  assert.deepEqual(asked, ['PATCH']);
  const [entry] = parentsOf(await read('twice'));
  assert.deepEqual([entry?.controllerName, entry?.conditions[0]?.observedGeneration], [controllerName, 1]);
  // Nobody told of the first: its answer did.
  assert.equal(await applyStatus(client, live, target, accepted('again')), 'written');
  assert.deepEqual(asked, ['PATCH', 'PATCH']);
});

test('what another controller says meanwhile is not lost', async () => {
  const target = await route('shared');
  await sayAsOther('shared');
  await assert.rejects(applyStatus(client, live, target, accepted('')), (error) => error instanceof ApiError && error.status === 409);
  await tell('shared');
  assert.equal(await applyStatus(client, live, target, accepted('')), 'written');
  assert.deepEqual(
    parentsOf(await read('shared')).map((entry) => entry.controllerName),
    ['example.com/other', controllerName],
  );
});

test('an answer that comes after newer news does not hide them', async () => {
  const target = await route('late');
  const late: Pick<ClusterClient, 'ask'> = {
    async ask(request) {
      const answer = await client.ask(request);
      await sayAsOther('late');
      await tell('late');
      return answer;
    },
  };
  assert.equal(await applyStatus(late, live, target, accepted('')), 'written');
  assert.equal(await applyStatus(client, live, target, accepted('again')), 'written');
  assert.deepEqual(
    parentsOf(await read('late')).map((entry) => entry.controllerName),
    [controllerName, 'example.com/other'],
  );
});

test('of a route that is deleted, or made again, nothing is written', async () => {
  const target = await route('gone');
  await cluster.kubectl(['delete', 'httproute', 'gone']);
  assert.equal(await applyStatus(client, live, target, accepted('')), 'gone');
  await cluster.apply(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: gone, namespace: default}\nspec: {parentRefs: [{name: shop}]}\n',
  );
  await assert.rejects(applyStatus(client, live, target, accepted('')), (error) => error instanceof ApiError && error.status === 409);
  await tell('gone');
  assert.equal(await applyStatus(client, live, target, accepted('')), 'gone');
  assert.deepEqual(parentsOf(await read('gone')), []);
  live.gone(idOf('gone'));
  assert.equal(await applyStatus(client, live, target, accepted('')), 'gone');
});
