import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { startLoad } from '../e2e/load.ts';
import { gatewayClassYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { type Replica, type Stack, startStack } from './stack.ts';

const services = Array.from({ length: 12 }, (_, index) => `app-${index}`);

const serviceYaml = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}`;

const ingressYaml = (name: string, path: string, annotations: Readonly<Record<string, string>> = {}, tls = ''): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: ${JSON.stringify(Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value])))}}
spec:
  ingressClassName: sluice
  ${tls}
  rules: [{host: ${name}.example, http: {paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: app-3, port: {number: 80}}}}]}}]`;

/** One of each that might be another on another replica: what has keys, ages, an order, or was made of chance. */
async function objects(): Promise<string> {
  const secret = (name: string, data: Readonly<Record<string, string>>): string =>
    `\napiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: ${JSON.stringify(data)}`;
  return [
    gatewayClassYaml,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: https, port: 443, hostname: shop.example, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}`,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gateway, sectionName: http}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
      backendRefs: [{name: app-0, port: 80, weight: 90}, {name: app-1, port: 80, weight: 10}]`,
    ...['shop.example', 'other.example'].map(
      (host, index) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: secure-${index}}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [${host}]
  rules:
${services.map((name) => `    - {matches: [{path: {type: PathPrefix, value: /${name}}}], backendRefs: [{name: ${name}, port: 80}]}`).join('\n')}`,
    ),
    `
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: sides}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  split: {stickyOn: {cookie: {name: side, ttl: 1h}}}
  sessionAffinity: {cookie: {name: session}}`,
    `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: warm}
spec:
  targetRefs: [{group: "", kind: Service, name: app-0}, {group: "", kind: Service, name: app-2}]
  loadBalancer: {type: RoundRobin}
  slowStart: {mode: Sluice, window: 40s}`,
    await tlsSecretYaml('shop', ['shop.example']),
    await tlsSecretYaml('tls', ['tls.example']),
    // bob:pw
    secret('staff', { auth: 'bob:$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1\n' }),
    ingressYaml('plain', '/'),
    ingressYaml('tls', '/', { 'upstream-hash-by': '$remote_addr' }, 'tls: [{hosts: [tls.example], secretName: tls}]'),
    ingressYaml('staff', '/', { 'auth-type': 'basic', 'auth-secret': 'staff', 'limit-rps': '5' }),
    ingressYaml('sticky', '/', { affinity: 'cookie' }),
    ...services.map(serviceYaml),
  ].join('\n---');
}

/** A cluster with pods that were there before Sluice, so that none of them warms up, and Envoys that have all. */
async function startShop(stack: Stack, sessions: 'of a Secret' | 'made', envoys = 1): Promise<Replica> {
  const key = '\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: sluice-session}\nstringData: {key: 6f2d6c1f0a4b4d0e9f3a}\n';
  await stack.cluster.apply(`${await objects()}${sessions === 'made' ? '' : key}`);
  for (const name of services) await stack.scale(name, 2);
  const addresses = async (): Promise<number> =>
    (await stack.cluster.get('/apis/discovery.k8s.io/v1/endpointslices')).match(/"10\.250\.\d+\.\d+"/g)?.length ?? 0;
  await waitFor('slices with all pods', async () => (await addresses()) === 2 * services.length, 60_000);
  const first = await stack.serve();
  await first.ready();
  await waitFor('the Envoys have all', async () => (await first.envoys()).length === envoys, 60_000);
  await waitFor('pods answer', async () => assert.deepEqual(await stack.answers(), ['10.250.0.1', '10.250.0.2', '10.250.1.1', '10.250.1.2']) === undefined);
  return first;
}

/** Answers to the questions of an Envoy for all clusters and all listeners: they are due also where there is nothing to tell. */
const dueAnswers = 2;

/** Fails where a replica sent Envoys that came to it, once each at the most, anything that they had. */
async function assertNothingSent(replica: Replica, envoys = 1): Promise<void> {
  // What is not sent at once is sent within moments.
  await sleep(2000);
  const { pushes, resources } = await replica.pushed();
  assert.equal(resources, 0);
  assert.ok(pushes <= dueAnswers * envoys, `${pushes} answers`);
}

/** Has somebody apply a route whose name no listener takes, and waits until its status says so. */
async function applyRouteToNowhere(stack: Stack, name: string): Promise<void> {
  await stack.cluster.apply(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec: {parentRefs: [{name: gateway, sectionName: https}], hostnames: [${name}.example], rules: [{backendRefs: [{name: app-0, port: 80}]}]}`);
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${name}`;
  await waitFor(`the status of ${name}`, async () => (await stack.cluster.get(path)).includes('"reason":"NoMatchingListenerHostname"'), 60_000);
}

/** Waits until replicas serve the same, byte for byte. */
async function agree(...replicas: readonly Replica[]): Promise<void> {
  await waitFor('the replicas agree', async () => {
    const [first, ...others] = await Promise.all(replicas.map((replica) => replica.versions()));
    assert.ok(first && Object.keys(first).length > 30, 'they serve all');
    for (const other of others) assert.deepEqual(other, first);
    return true;
  });
}

if (!isInNamespace) {
  test('replicas of Sluice, in a network namespace', { timeout: 900_000 }, () => runInNamespace(import.meta.filename));
} else {
  for (const sessions of ['of a Secret', 'made'] as const) {
    test(`an Envoy that moves to another replica is sent nothing, and no request fails (keys of sessions: ${sessions})`, async (t) => {
      const stack = await startStack(t);
      const first = await startShop(stack, sessions);
      const second = await stack.serve();
      await second.ready();
      await agree(first, second);
      await using traffic = startLoad({ port: stack.httpPort, rate: 100, halfPost: true });

      // Its connection is cut.
      stack.lead(second);
      stack.cut();
      await waitFor('the Envoy has come', async () => (await second.envoys()).length === 1, 60_000);
      await assertNothingSent(second);
      assert.deepEqual(await first.envoys(), []);

      // It warms up endpoints in this moment: both replicas know their ages.
      await stack.scale('app-0', 3);
      await waitFor('the new pod answers', async () => (await stack.answers()).includes('10.250.0.3'));
      await agree(first, second);

      // The replica that it is connected to dies.
      stack.lead(first);
      const before = await first.pushed();
      await second.stop('SIGKILL');
      await waitFor('the Envoy is back', async () => (await first.envoys()).length === 1, 60_000);
      const after = await first.pushed();
      assert.equal(after.resources - before.resources, 0);

      const { failed, failures, sent } = await traffic.stop();
      assert.deepEqual([failed, failures], [0, []]);
      assert.ok(sent > 200, `${sent} requests`);
    });
  }

  test('a replica that starts in the middle of a window spares the same endpoints as the others', async (t) => {
    const stack = await startStack(t);
    await stack.cluster.apply(
      [
        gatewayClassYaml,
        `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec: {gatewayClassName: sluice, listeners: [{name: http, port: 80, protocol: HTTP}]}`,
        `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: app-0, port: 80}]}]}`,
        // Its steps are a minute: however slow the machine is, few are over.
        `
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: warm}
spec: {targetRefs: [{group: "", kind: Service, name: app-0}], slowStart: {mode: Sluice, window: 10m}}`,
        serviceYaml('app-0'),
      ].join('\n---'),
    );
    await stack.scale('app-0', 2);
    const first = await stack.serve();
    await first.ready();
    const weightsOf = async (replica: Replica): Promise<string | undefined> => (await replica.versions())['endpoints default/app-0/80'];
    await waitFor('it writes', first.leads, 60_000);
    await waitFor('both pods are known', async () => (await stack.answers()).length === 2, 60_000);
    await stack.scale('app-0', 3);
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases/sluice-replicas';
    const told = async (): Promise<boolean> => (await stack.cluster.get(leases).catch(() => '')).includes('gateway.sluice.dev/ages');
    await waitFor('it tells others of the third', told, 60_000);

    // It takes over no ages, as it does not even read the Lease.
    const alone = await stack.serve('--read-only');
    await alone.ready();
    assert.notEqual(await weightsOf(alone), await weightsOf(first), 'the third is young');
    const second = await stack.serve();
    await second.ready();
    assert.equal(await weightsOf(second), await weightsOf(first), 'from its first answer on');

    // Whoever writes next goes on with what was told.
    await first.stop('SIGKILL');
    await waitFor('the other one writes', second.leads, 120_000);
    await stack.scale('app-0', 4);
    const third = await stack.serve();
    await third.ready();
    await waitFor('they agree', async () => assert.equal(await weightsOf(third), await weightsOf(second)) === undefined, 60_000);
    assert.notEqual(await weightsOf(alone), await weightsOf(second));
  });

  test('while Sluice itself is updated, twice, no request fails, nothing is sent, and status is written', async (t) => {
    const envoys = 2;
    const stack = await startStack(t, envoys);
    let old = [await startShop(stack, 'of a Secret', envoys), await stack.serve()];
    await old[1]?.ready();
    await agree(...old);
    await using traffic = startLoad({ port: stack.httpPort, rate: 100, halfPost: true });
    const asked = (): Promise<readonly number[]> =>
      Promise.all(Array.from({ length: envoys }, (_, envoy) => stack.stat('http.default/80.downstream_rq_total', envoy)));
    const askedBefore = await asked();
    const renewed: Replica[] = [];
    for (let update = 0; update < 2; update++) {
      const next: Replica[] = [];
      // As a Deployment with maxSurge 1 and maxUnavailable 0 does.
      for (const replica of old) {
        const one = await stack.serve();
        await one.ready();
        next.push(one);
        const { status } = await replica.stop();
        assert.equal(status, 0);
        const alive = [...old, ...next].filter(({ command }) => command.child.exitCode === null);
        await waitFor(
          'some replica has each Envoy',
          async () => assert.equal((await Promise.all(alive.map((each) => each.envoys()))).flat().length, envoys) === undefined,
          30_000,
        );
        // Each request on a connection of its own, as the kernel may give those that are kept alive to one Envoy.
        assert.ok((await stack.answers()).every((answer) => answer.startsWith('10.250.')));
        // It leads nowhere, so that there is nothing to send for it.
        await applyRouteToNowhere(stack, `nowhere-${renewed.length + next.length}`);
      }
      await agree(...next);
      for (const replica of next) await assertNothingSent(replica, envoys);
      renewed.push(...next);
      old = next;
    }
    const { failed, failures, sent } = await traffic.stop();
    assert.deepEqual([failed, failures], [0, []]);
    assert.ok(sent > 1000, `${sent} requests`);
    for (const [envoy, requests] of (await asked()).entries()) assert.ok(requests > (askedBefore[envoy] ?? 0) + 100, `envoy-${envoy} had traffic`);
  });
}
