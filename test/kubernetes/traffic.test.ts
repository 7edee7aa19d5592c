import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { http } from '../e2e/client.ts';
import { startLoad } from '../e2e/load.ts';
import { freePort } from '../e2e/port.ts';
import { type RunningCommand, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';

const objects = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: sluice}
spec: {controllerName: gateway.sluice.dev/controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /}}]
      backendRefs: [{name: shop, port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

/** `sluice serve --kubernetes` and an Envoy, on a real API server; each test has its own. */
interface Stack {
  readonly cluster: ApiServer;
  readonly httpPort: number;
  readonly adminAddress: string;
  /** Bodies of so many answers, each once, sorted; a status where it is not 200. */
  answers(requests?: number): Promise<readonly string[]>;
  /** Starts the server, again where it was stopped. */
  serve(...words: readonly string[]): Promise<RunningCommand>;
  scale(pods: number): Promise<void>;
}

async function startStack(t: TestContext): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-kubernetes-'));
  const children = createChildren();
  const cluster = await startApiServer({ controllers: ['endpointslice-controller'] });
  const backend = createServer((request, response) => response.end(request.socket.localAddress)).listen(8080, '0.0.0.0');
  await once(backend, 'listening');
  const [httpPort, xdsPort, adminPort, admin] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const running: RunningCommand[] = [];
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  t.after(async () => {
    for (const { child, ended } of running) {
      child.kill();
      await ended;
    }
    await children.stop();
    await cluster.close();
    client.close();
    backend.closeAllConnections();
    backend.close();
    rmSync(root, { recursive: true, force: true });
  });
  const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
  await startEnvoy({
    binary,
    folder: join(root, 'envoy'),
    children,
    concurrency: 1,
    drainSeconds: 2,
    bootstrap: {
      node: 'envoy-0',
      group: 'default',
      xds: { host: '127.0.0.1', port: xdsPort },
      protocol: 'delta',
      admin: { host: '127.0.0.1', port: admin },
      maxConnections: defaultMaxConnections,
    },
  });
  await cluster.apply('apiVersion: v1\nkind: Node\nmetadata: {name: node}\n');
  const pods = '/api/v1/namespaces/default/pods';
  let count = 0;
  return {
    cluster,
    httpPort,
    adminAddress: `127.0.0.1:${adminPort}`,
    async answers(requests = 100) {
      const found = await Promise.all(Array.from({ length: requests }, () => http(httpPort, '/')));
      return [...new Set(found.map(({ status, body }) => (status === 200 ? body : String(status))))].sort();
    },
    async serve(...words) {
      const addresses = [`--xds-address=127.0.0.1:${xdsPort}`, `--admin-address=127.0.0.1:${adminPort}`, `--http-port=${httpPort}`];
      const started = startSluice(['serve', '--kubernetes', `--kubeconfig=${cluster.kubeconfig}`, ...addresses, ...words], {}, root);
      running.push(started);
      return started;
    },
    async scale(wanted) {
      for (; count < wanted; count += 1) {
        const name = `shop-${count}`;
        const spec = { nodeName: 'node', containers: [{ name: 'shop', image: 'shop' }] };
        await client.ask({ method: 'POST', path: pods, body: { metadata: { name, labels: { app: 'shop' } }, spec } });
        const ip = `10.250.0.${count + 1}`;
        const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] };
        await client.ask({ method: 'PATCH', path: `${pods}/${name}/status`, contentType: 'application/merge-patch+json', body: { status } });
      }
      for (; count > wanted; count -= 1) await client.ask({ method: 'DELETE', path: `${pods}/shop-${count - 1}`, query: { gracePeriodSeconds: 0 } });
    },
  };
}

if (!isInNamespace) {
  test('traffic of a cluster, in a network namespace', { timeout: 900_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('what kubectl applies is served; a Service goes from no pod to twenty and back', async (t) => {
    const stack = await startStack(t);
    await stack.serve();
    await stack.cluster.apply(objects);
    await waitFor(
      'an answer',
      async () => {
        assert.equal((await stack.answers(1)).join(), '503');
        return true;
      },
      30_000,
    );
    await stack.scale(1);
    await waitFor('the first pod', async () => {
      assert.equal((await stack.answers()).join(), '10.250.0.1');
      return true;
    });
    const builds = async (): Promise<string | undefined> => {
      const metrics = await (await fetch(`http://${stack.adminAddress}/metrics`)).text();
      return /^sluice_build_seconds_count.*$/m.exec(metrics)?.[0];
    };
    const before = await builds();
    assert.ok(before);
    await stack.scale(20);
    await waitFor('twenty pods', async () => (await stack.answers(300)).filter((one) => one.startsWith('10.250.')).length === 20);
    await stack.scale(0);
    await waitFor('no pod', async () => {
      assert.equal((await stack.answers()).join(), '503');
      return true;
    });
    assert.equal(await builds(), before, 'endpoints go past the build');
    await stack.scale(1);
    await waitFor('one pod again', async () => {
      assert.equal((await stack.answers()).join(), '10.250.0.1');
      return true;
    });
  });

  test('while the API server is away, and Sluice starts again, no request fails', async (t) => {
    const stack = await startStack(t);
    const state = mkdtempSync(join(tmpdir(), 'sluice-state-'));
    t.after(() => rmSync(state, { recursive: true }));
    const words = ['--state-dir', state, '--start-from-state', '1s'];
    const first = await stack.serve(...words);
    await stack.cluster.apply(objects);
    await stack.scale(3);
    await waitFor('three pods', async () => (await stack.answers()).length === 3, 30_000);
    await using traffic = startLoad({ port: stack.httpPort, rate: 50 });
    const readyz = async (): Promise<string> => (await fetch(`http://${stack.adminAddress}/readyz`)).text();
    await stack.cluster.stop();
    const told = async (): Promise<string> => (await fetch(`http://${stack.adminAddress}/api/v1/diagnostics`)).text();
    await waitFor('it is told', async () => (await told()).includes('SourceUnavailable'), 90_000);
    assert.equal(await readyz(), 'ready');
    first.child.kill();
    await first.ended;
    await stack.serve(...words);
    await waitFor('the stored state is served', async () => /serving what was stored/.test(await readyz()), 30_000);
    assert.equal((await stack.answers()).length, 3);
    await stack.cluster.start();
    await waitFor('the cluster is read', async () => (await readyz()) === 'ready', 30_000);
    await stack.scale(4);
    await waitFor('the fourth pod', async () => (await stack.answers()).length === 4);
    const { failures } = await traffic.stop();
    assert.deepEqual(failures, []);
  });

  test('a route of the cluster leads to pods and to machines that a folder names', async (t) => {
    const stack = await startStack(t);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-machines-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const machine = 'apiVersion: gateway.sluice.dev/v1alpha1\nkind: Backend\nmetadata: {name: legacy}\n';
    writeFileSync(join(folder, 'machines.yaml'), `${machine}spec: {endpoints: [{address: 10.250.9.9, port: 8080}]}\n`);
    await stack.serve('-c', folder);
    const both = '[{name: shop, port: 80}, {group: gateway.sluice.dev, kind: Backend, name: legacy, port: 8080}]';
    await stack.cluster.apply(objects.replace('[{name: shop, port: 80}]', both));
    await stack.scale(1);
    await waitFor(
      'pod and machine',
      async () => {
        assert.equal((await stack.answers()).join(), '10.250.0.1,10.250.9.9');
        return true;
      },
      30_000,
    );
  });
}
