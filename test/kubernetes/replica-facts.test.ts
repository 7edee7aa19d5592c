import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { Condition } from '../../src/conditions/condition.ts';
import { gatewayClassYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { type Replica, type Stack, startStack } from './stack.ts';

const gatewayOf = (name: string, port: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: ${port}, protocol: HTTP}]}`;

const routeOf = (name: string, gateway: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: ${gateway}}], hostnames: [${name}.example], rules: [{backendRefs: [{name: shop, port: 80}]}]}`;

const shopYaml = `
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {ports: [{port: 80}]}`;

/** A loaded machine may be slow: what is wrong never comes. */
const withinMs = 120_000;

/** Two replicas, of which the Envoy is connected to the one that does not write. */
async function startPair(stack: Stack): Promise<{ readonly leader: Replica; readonly follower: Replica }> {
  await stack.cluster.apply([gatewayClassYaml, gatewayOf('shop', 80), shopYaml].join('\n---'));
  const leader = await stack.serve();
  await leader.ready();
  await waitFor('the first one leads', leader.leads, withinMs);
  const follower = await stack.serve();
  await follower.ready();
  stack.lead(follower);
  stack.cut();
  await waitFor('the Envoy is connected to the other one', async () => (await follower.envoys()).length === 1, withinMs);
  await waitFor('and to that alone', async () => (await leader.envoys()).length === 0, withinMs);
  return { leader, follower };
}

/** Waits until the conditions of an object, of a route at its only parent, are those. */
async function says(stack: Stack, plural: 'gateways' | 'httproutes', name: string, expected: RegExp): Promise<string> {
  return waitFor(
    `${plural} ${name} says ${expected}`,
    async () => {
      const { status } = JSON.parse(await stack.cluster.get(`/apis/gateway.networking.k8s.io/v1/namespaces/default/${plural}/${name}`)) as {
        readonly status?: { readonly conditions?: readonly Condition[]; readonly parents?: readonly { readonly conditions: readonly Condition[] }[] };
      };
      const conditions = status?.parents?.[0]?.conditions ?? status?.conditions ?? [];
      const words = conditions.map((one) => `${one.type}=${one.status} ${one.reason} ${one.message}`).join('\n');
      assert.match(words, expected);
      return words;
    },
    withinMs,
  );
}

/** Of all replicas that report. */
async function reports(stack: Stack): Promise<readonly string[]> {
  const { metadata } = JSON.parse(await stack.cluster.get('/apis/coordination.k8s.io/v1/namespaces/default/leases/sluice-replicas')) as {
    readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  };
  return Object.values(metadata.annotations ?? {});
}

if (!isInNamespace) {
  test('what becomes of objects at the Envoys of all replicas', { timeout: 1_200_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('what Envoys of other replicas have and refuse stands in the status, until their replica is gone', async (t) => {
    const stack = await startStack(t);
    const { leader, follower } = await startPair(stack);
    await stack.cluster.apply(routeOf('shop', 'shop'));
    await says(stack, 'gateways', 'shop', /Programmed=True/);
    await says(stack, 'httproutes', 'shop', /Programmed=True/);

    const blocker = createServer().listen(0, '0.0.0.0');
    t.after(() => blocker.close());
    await once(blocker, 'listening');
    await stack.cluster.apply(gatewayOf('blocked', (blocker.address() as { port: number }).port));
    const words = await says(stack, 'gateways', 'blocked', /Accepted=False ListenersNotValid .*(cannot bind|Address already in use)/i);
    assert.match(words, /envoy-0/);
    await says(stack, 'gateways', 'shop', /Programmed=True/);
    // What one object lacks keeps no other from being in force.
    await stack.cluster.apply(routeOf('second', 'shop'));
    await says(stack, 'httproutes', 'second', /Programmed=True/);
    assert.equal((await reports(stack)).length, 1, 'the one that writes reports nothing');

    await follower.stop('SIGKILL');
    stack.lead();
    await says(stack, 'gateways', 'shop', /Programmed=False NoResources/);
    await says(stack, 'gateways', 'blocked', /Accepted=True/);
    await waitFor('nothing of it is left', async () => (await reports(stack)).length === 0, withinMs);
    assert.equal(await leader.leads(), true);
  });

  test('an Envoy that moves to the replica that writes, as another one ends, counts there', async (t) => {
    const stack = await startStack(t);
    const { leader, follower } = await startPair(stack);
    await stack.cluster.apply(routeOf('shop', 'shop'));
    await says(stack, 'gateways', 'shop', /Programmed=True/);
    await says(stack, 'httproutes', 'shop', /Programmed=True/);
    stack.lead(leader);
    await follower.stop();
    await waitFor('the Envoy is connected to the other one', async () => (await leader.envoys()).length === 1, withinMs);
    await waitFor('its report is gone', async () => (await reports(stack)).length === 0, withinMs);
    await stack.cluster.apply(routeOf('later', 'shop'));
    await says(stack, 'httproutes', 'later', /Programmed=True/);
    await says(stack, 'gateways', 'shop', /Programmed=True/);
  });
}
