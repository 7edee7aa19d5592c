import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { watchEvents } from '../../src/source/cluster/watch-events.ts';
import { gatewayClassYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { type Stack, startStack } from './stack.ts';

const gatewayYaml = `${gatewayClassYaml}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example"}]}`;

/** No listener has its host name: nothing that Envoys do changes what is said of it. */
const routeYaml = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: gateway}], hostnames: [${name}.test], rules: [{backendRefs: [{name: shop, port: 80}]}]}`;

interface Writes extends AsyncDisposable {
  /** By name of the object, or of the one that an Event is about. */
  readonly counts: ReadonlyMap<string, number>;
}

interface WatchedObject {
  readonly metadata: { readonly name: string };
  readonly regarding?: { readonly name: string };
  readonly reason?: string;
}

/** Counts what is written of the objects of a collection from now on. `await using` ends it. */
async function countWrites({ cluster }: Stack, path: string): Promise<Writes> {
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  const ending = new AbortController();
  const counts = new Map<string, number>();
  const { metadata } = JSON.parse(await cluster.get(path)) as { readonly metadata: { readonly resourceVersion: string } };
  const stream = await client.stream({ path, query: { watch: true, resourceVersion: metadata.resourceVersion, timeoutSeconds: 3600 }, signal: ending.signal });
  const reading = (async () => {
    for await (const events of watchEvents(stream)) {
      for (const { object } of events) {
        const { metadata, regarding, reason } = object as WatchedObject;
        if (reason !== undefined && reason !== 'HostNotListened') continue;
        const name = regarding?.name ?? metadata.name;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
  })().catch((error: unknown) => {
    if (!ending.signal.aborted) throw error;
  });
  return {
    counts,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await reading;
      client.close();
    },
  };
}

if (!isInNamespace) {
  test('where the replica that writes is killed', { timeout: 1_200_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('where the replica that writes is killed while it does, another one goes on, and nothing is written twice', async (t) => {
    const stack = await startStack(t);
    await stack.cluster.apply(gatewayYaml);
    const leader = await stack.serve();
    await leader.ready();
    await waitFor('the first one leads', leader.leads, 120_000);
    const other = await stack.serve();
    await other.ready();

    const names = Array.from({ length: 300 }, (_, index) => `route-${index}`);
    await using ofRoutes = await countWrites(stack, '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes');
    await using ofEvents = await countWrites(stack, '/apis/events.k8s.io/v1/namespaces/default/events');
    const [statuses, events] = [ofRoutes.counts, ofEvents.counts];
    const applying = stack.cluster.apply(names.map(routeYaml).join('\n---'));
    // 50 at once and ten a second are told, so that most are not.
    await waitFor('the first of them are told', () => events.size > 0, 120_000);
    await leader.stop('SIGKILL');
    const toldByFirst = events.size;
    await applying;
    assert.ok(toldByFirst < names.length, `${toldByFirst} are told`);

    // Each route is made, and its status is written once.
    await waitFor('all statuses are written', () => names.every((name) => (statuses.get(name) ?? 0) >= 2), 180_000);
    await waitFor('all are told', () => names.every((name) => events.has(name)), 180_000);
    assert.equal(await other.leads(), true);
    const metrics = (): Promise<string> => other.get('/metrics');
    const isFound = /^sluice_cluster_writes_total\{what="event",kind="HTTPRoute",result="unchanged"\} (\d+)$/m;
    await waitFor(
      'what was told before is found to be told',
      async () => assert.ok(Number(isFound.exec(await metrics())?.[1]) >= toldByFirst) === undefined,
      120_000,
    );
    const more = (counts: ReadonlyMap<string, number>, once: number): readonly string[] =>
      names.filter((name) => counts.get(name) !== once).map((name) => `${name}: ${counts.get(name)}`);
    assert.deepEqual([more(statuses, 2), more(events, 1)], [[], []]);
  });
}
