import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { WantedCondition } from '../../src/conditions/condition.ts';
import { controllerName, type Entry, mergedEntries } from '../../src/conditions/entries.ts';
import { applyStatus, type LiveObject, type StatusTarget } from '../../src/kubernetes/apply-status.ts';
import { type ClusterClient, createClusterClient } from '../../src/kubernetes/client.ts';
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

async function route(name: string): Promise<StatusTarget> {
  await cluster.apply(
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: ${name}, namespace: default}\nspec: {parentRefs: [{name: shop}]}\n`,
  );
  asked = [];
  return { path: pathOf(name), uid: (await read(name)).metadata.uid };
}

const pathOf = (name: string): string => `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${name}`;
const read = async (name: string): Promise<LiveObject> => JSON.parse(await cluster.get(pathOf(name)));
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

test('what is said already is not written', async () => {
  const target = await route('twice');
  assert.equal(await applyStatus(client, target, accepted('')), 'written');
  assert.equal(await applyStatus(client, target, accepted('')), 'unchanged');
  assert.deepEqual(asked, ['GET', 'PATCH', 'GET']);
  const [entry] = parentsOf(await read('twice'));
  assert.deepEqual([entry?.controllerName, entry?.conditions[0]?.observedGeneration], [controllerName, 1]);
});

test('what another controller says meanwhile is not lost', async () => {
  const target = await route('shared');
  let isFirst = true;
  const racing: Pick<ClusterClient, 'ask'> = {
    async ask(request) {
      if (request.method === 'PATCH' && isFirst) {
        isFirst = false;
        await sayAsOther('shared');
      }
      return client.ask(request);
    },
  };
  assert.equal(await applyStatus(racing, target, accepted('')), 'written');
  assert.deepEqual(asked, ['GET', 'PATCH', 'GET', 'PATCH']);
  assert.deepEqual(
    parentsOf(await read('shared')).map((entry) => entry.controllerName),
    ['example.com/other', controllerName],
  );
});

test('of a route that is deleted, or made again, nothing is written', async () => {
  const target = await route('gone');
  await cluster.kubectl(['delete', 'httproute', 'gone']);
  assert.equal(await applyStatus(client, target, accepted('')), 'gone');
  await route('gone');
  assert.equal(await applyStatus(client, target, accepted('')), 'gone');
  const again = await read('gone');
  assert.deepEqual(parentsOf(again), []);
  // Deleted between reading and writing.
  const racing: Pick<ClusterClient, 'ask'> = {
    async ask(request) {
      if (request.method === 'PATCH') await cluster.kubectl(['delete', 'httproute', 'gone']);
      return client.ask(request);
    },
  };
  assert.equal(await applyStatus(racing, { path: pathOf('gone'), uid: again.metadata.uid }, accepted('')), 'gone');
});
