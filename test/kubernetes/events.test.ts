import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { gatewayClassYaml, gatewayYaml, routeYaml, serviceYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { startClusterServer } from './cluster-server.ts';

interface Event {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly namespace: string; readonly name: string; readonly uid: string };
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

describe('Events tell what became of objects', { timeout: 900_000 }, () => {
  let cluster: ApiServer;
  before(
    async () => {
      cluster = await startApiServer();
      await cluster.apply([gatewayClassYaml, gatewayYaml].join('\n---'));
    },
    { timeout: 900_000 },
  );
  after(() => cluster?.close());

  /** The Events of an object, oldest first. */
  async function eventsOf(object: string): Promise<readonly Event[]> {
    const { items } = JSON.parse(await cluster.get('/apis/events.k8s.io/v1/namespaces/default/events')) as { readonly items: readonly Event[] };
    const ours = items.filter(({ regarding }) => `${regarding.kind} ${regarding.name}` === object);
    return ours.toSorted((a, b) => a.eventTime.localeCompare(b.eventTime));
  }

  /** Waits until the Events of an object are these: `TYPE REASON`, with their number where there is a series. */
  async function told(object: string, expected: readonly string[], withinMs = 60_000): Promise<readonly Event[]> {
    let events: readonly Event[] = [];
    await waitFor(
      `Events of ${object}`,
      async () => {
        events = await eventsOf(object);
        assert.deepEqual(
          events.map(({ type, reason, series }) => `${type} ${reason}${series ? ` x${series.count}` : ''}`),
          expected,
        );
        return true;
      },
      withinMs,
    );
    return events;
  }

  /** Long enough for what must not be told: what stands is told after two seconds. */
  const quiet = (): Promise<void> => sleep(5000);

  test('what is wrong with an object is told once, and again when it is so again', async (t) => {
    const { writes } = await startClusterServer(t, cluster.kubeconfig);
    await cluster.apply(routeYaml('shop', { nothing: 1 }));
    const [event] = await told('HTTPRoute shop', ['Warning BackendNotFound']);
    const { metadata } = JSON.parse(await cluster.get('/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/shop')) as {
      readonly metadata: { readonly uid: string };
    };
    assert.equal(event?.regarding.uid, metadata.uid);
    assert.match(event?.note ?? '', /Service default\/nothing.*\(spec\.rules\[0\]/);
    assert.equal(event?.reportingController, 'gateway.sluice.dev/controller');
    assert.match(await cluster.kubectl(['describe', 'httproute', 'shop']), /Warning +BackendNotFound +.*Service default\/nothing/);
    assert.match(await cluster.kubectl(['events', '--for=httproute/shop']), /BackendNotFound/);

    // Nothing changes in it, whatever else does.
    await cluster.apply(serviceYaml('other', []));
    await cluster.kubectl(['label', 'httproute', 'shop', 'changed=yes']);
    await quiet();
    assert.equal((await writes('event'))['HTTPRoute written'], 1);

    await cluster.apply(serviceYaml('nothing', []));
    // By then the other mistake has been over for two seconds.
    await told('Service nothing', ['Normal NoEndpoints']);
    await told('HTTPRoute shop', ['Warning BackendNotFound']);
    await cluster.kubectl(['delete', 'service', 'nothing']);
    const [again] = await told('HTTPRoute shop', ['Warning BackendNotFound x2']);
    assert.equal(again?.metadata.name, event?.metadata.name);
    assert.ok((again?.series?.lastObservedTime ?? '') > (event?.eventTime ?? ''));
  });

  test('who writes next tells nothing that was told, and goes on counting', async (t) => {
    const first = await startClusterServer(t, cluster.kubeconfig);
    await cluster.apply(routeYaml('next', { missing: 1 }, '/next'));
    const [event] = await told('HTTPRoute next', ['Warning BackendNotFound']);
    await first.server.stop();
    const second = await startClusterServer(t, cluster.kubeconfig);
    await waitFor('it leads', async () => (await second.writes('event'))['HTTPRoute unchanged'] !== undefined, 60_000);
    await quiet();
    const [same] = await told('HTTPRoute next', ['Warning BackendNotFound']);
    assert.equal(same?.metadata.resourceVersion, event?.metadata.resourceVersion);
    assert.equal((await second.writes('event'))['HTTPRoute written'], undefined);
    await cluster.apply(serviceYaml('missing', []));
    await told('Service missing', ['Normal NoEndpoints']);
    await cluster.kubectl(['delete', 'service', 'missing']);
    await told('HTTPRoute next', ['Warning BackendNotFound x2']);
  });

  test('the words of an Envoy that refuses are told, and when it does no more', async (t) => {
    const blocker = createServer().listen(0, '0.0.0.0');
    t.after(() => blocker.close());
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { envoy } = await startClusterServer(t, cluster.kubeconfig);
    await envoy();
    await cluster.apply(gatewayYaml.replace('name: gateway', 'name: blocked').replace('port: 80', `port: ${port}`));
    const [refusal] = await told('Gateway blocked', ['Warning PortRefusedByEnvoy']);
    assert.match(refusal?.note ?? '', /cannot bind|Address already in use/i);
    assert.match(refusal?.note ?? '', /Free the port/);
    blocker.close();
    // It tries again once a minute.
    await told('Gateway blocked', ['Warning PortRefusedByEnvoy', 'Normal AcceptedByEnvoy'], 180_000);
  });

  test('a cluster in which much is wrong at once is told bit by bit', async (t) => {
    const { writes } = await startClusterServer(t, cluster.kubeconfig);
    await waitFor('it leads', async () => Object.keys(await writes('event')).length > 0, 60_000);
    const count = 200;
    const began = performance.now();
    await cluster.apply(Array.from({ length: count }, (_, index) => routeYaml(`many-${index}`, { nowhere: 1 }, `/many-${index}`)).join('\n---'));
    const written = async (): Promise<number> => (await writes('event'))['HTTPRoute written'] ?? 0;
    await waitFor('all are told', async () => (await written()) === count, 180_000);
    const seconds = (performance.now() - began) / 1000;
    // 50 at once, then ten a second.
    assert.ok(seconds >= 15, `${count} in ${seconds} s`);
    await quiet();
    assert.equal(await written(), count);
  });
});
