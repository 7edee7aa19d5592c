import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiagnosticsAnswer } from '../../src/admin/api/diagnostics.ts';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import { http } from '../e2e/client.ts';
import { startLoad } from '../e2e/load.ts';
import { gatewayClassYaml, gatewayYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { startStack } from './stack.ts';

/** A dead connection is found within 70 s; the machine may be slow besides. */
const withinMs = 150_000;

const routes = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';

/** A route whose answers tell its name. */
const routeYaml = (name: string, path: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {type: PathPrefix, value: ${path}}}]
      filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: route, value: ${name}}]}}]
      backendRefs: [{name: shop, port: 80}]`;

const serviceYaml = `
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}`;

if (!isInNamespace) {
  test('trouble with watches, in a network namespace', { timeout: 1_200_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('while watches are cut, dead or forgotten no request fails, and what changed meanwhile follows', async (t) => {
    // Without its own memory of events the API server forgets what etcd does.
    const stack = await startStack(t, 1, ['--watch-cache=false']);
    const { cluster, httpPort } = stack;
    await using proxy = await startTcpProxy(cluster.port, () => undefined);
    await cluster.apply([gatewayClassYaml, gatewayYaml, routeYaml('shop', '/'), serviceYaml].join('\n---'));
    let pods = 2;
    await stack.scale('shop', pods);
    const sluice = await stack.serve(`--kubeconfig=${cluster.kubeconfigThrough(proxy.port)}`);
    await sluice.ready();

    /** Name of the route that is taken. */
    const taken = async (path: string): Promise<unknown> => (await http(httpPort, path)).headers['route'];
    const podsAnswer = (): Promise<unknown> =>
      waitFor(
        `${pods} pods answer`,
        async () =>
          assert.deepEqual(
            await stack.answers(),
            Array.from({ length: pods }, (_, pod) => `10.250.0.${pod + 1}`),
          ) === undefined,
        withinMs,
      );
    /** A pod comes, or goes, and a route to all comes. */
    async function change(route: string, by: 1 | -1): Promise<void> {
      pods += by;
      await stack.scale('shop', pods);
      await cluster.apply(routeYaml(route, `/${route}`));
    }
    async function follows(route: string): Promise<void> {
      await podsAnswer();
      await waitFor(`${route} is served`, async () => assert.equal(await taken(`/${route}`), route) === undefined, withinMs);
      const isProgrammed = async (): Promise<boolean> => (await cluster.get(`${routes}/${route}`)).includes('"type":"Programmed"');
      await waitFor(`the status of ${route} is written`, isProgrammed, withinMs);
    }
    const isTold = async (): Promise<boolean> =>
      (JSON.parse(await sluice.get('/api/v1/diagnostics')) as DiagnosticsAnswer).diagnostics.some(({ code }) => code === 'SourceUnavailable');
    /** How often anybody listed routes: nobody but Sluice does. */
    const lists = async (): Promise<number> => {
      const counts = (await cluster.get('/metrics')).matchAll(/^apiserver_request_total\{[^}]*resource="httproutes"[^}]*verb="LIST"[^}]*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };

    await podsAnswer();
    await using traffic = startLoad({ port: httpPort, rate: 50 });
    await change('first', 1);
    await follows('first');
    const listed = await lists();
    assert.ok(listed > 0);

    await t.test('connections that are cut', async () => {
      proxy.trouble('cut');
      await change('cut', 1);
      proxy.trouble('cut');
      await follows('cut');
      assert.equal(await lists(), listed, 'watches go on where they ended');
    });

    await t.test('connections that are dead without a word', async () => {
      proxy.strand();
      await change('dead', 1);
      await follows('dead');
      assert.equal(await lists(), listed, 'watches go on where they ended');
    });

    await t.test('an API server that is away, and has forgotten how it went on', async () => {
      proxy.trouble('closed');
      await change('forgotten', -1);
      await cluster.kubectl(['delete', 'httproute', 'first']);
      await waitFor('it is told', isTold, withinMs);
      await cluster.compact();
      assert.deepEqual([await taken('/forgotten'), await taken('/first')], ['shop', 'first'], 'nothing of it can be known');
      assert.equal((await stack.answers()).length, pods + 1);
      proxy.trouble(undefined);
      await follows('forgotten');
      await waitFor('the route that went is served no more', async () => assert.equal(await taken('/first'), 'shop') === undefined, withinMs);
      await waitFor('nothing is told any more', async () => !(await isTold()), withinMs);
      assert.ok((await lists()) > listed, 'objects are listed anew');
    });

    const { failed, failures, sent } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 1000, `${sent} requests`);
  });
}
