import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import type { DiagnosticsAnswer } from '../../src/admin/api/diagnostics.ts';
import type { ResourcesAnswer } from '../../src/admin/api/resources.ts';
import { https } from '../e2e/client.ts';
import { startLoad } from '../e2e/load.ts';
import { gatewayClassYaml } from '../e2e/objects.ts';
import { waitFor } from '../e2e/wait.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { startStack } from './stack.ts';

const objects = `${gatewayClassYaml}
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

if (!isInNamespace) {
  test('traffic of a cluster, in a network namespace', { timeout: 900_000 }, () => runInNamespace(import.meta.filename));
} else {
  test('what kubectl applies is served; a Service goes from no pod to twenty and back', async (t) => {
    const stack = await startStack(t);
    const sluice = await stack.serve();
    await stack.cluster.apply(objects);
    const told = async (): Promise<readonly string[]> => {
      const { rows } = JSON.parse(await sluice.get('/api/v1/resources/endpoints?group=default')) as ResourcesAnswer<'endpoints'>;
      const { diagnostics } = JSON.parse(await sluice.get('/api/v1/diagnostics')) as DiagnosticsAnswer;
      return [
        `${rows.filter(({ health }) => health === 'healthy').length} healthy`,
        ...diagnostics.flatMap(({ code }) => (code === 'NoEndpoints' ? code : [])),
      ];
    };
    /** Answers of `pods` pods, and what is told of them. */
    const served = async (pods: number, withinMs?: number): Promise<void> => {
      const addresses = Array.from({ length: pods }, (_, pod) => `10.250.0.${pod + 1}`).sort();
      await waitFor(
        `${pods} pods`,
        async () => {
          assert.deepEqual(await stack.answers(30 + 20 * pods), pods === 0 ? ['503'] : addresses);
          assert.deepEqual(await told(), pods === 0 ? ['0 healthy', 'NoEndpoints'] : [`${pods} healthy`]);
          return true;
        },
        withinMs,
      );
    };
    const acknowledged = (): Promise<readonly number[]> =>
      Promise.all(['cluster_manager.cds', 'listener_manager.lds', 'http.default/80.rds.default/80'].map((what) => stack.stat(`${what}.update_success`)));
    await served(0, 60_000);
    const before = await acknowledged();
    for (const pods of [1, 20, 0, 1]) {
      await stack.scale('shop', pods);
      await served(pods, 60_000);
    }
    assert.deepEqual(await acknowledged(), before, 'Envoy was told of endpoints alone');
  });

  test('while the API server is away, and Sluice starts again, no request fails', async (t) => {
    const stack = await startStack(t);
    const state = mkdtempSync(join(tmpdir(), 'sluice-state-'));
    t.after(() => rmSync(state, { recursive: true }));
    const words = ['--state-dir', state, '--start-from-state', '1s'];
    const first = await stack.serve(...words);
    await stack.cluster.apply(objects);
    await stack.scale('shop', 3);
    await waitFor('three pods', async () => (await stack.answers()).length === 3, 60_000);
    await using traffic = startLoad({ port: stack.httpPort, rate: 50 });
    let sluice = first;
    const readyz = (): Promise<string> => sluice.get('/readyz');
    await stack.cluster.stop();
    const told = (): Promise<string> => sluice.get('/api/v1/diagnostics');
    await waitFor('it is told', async () => (await told()).includes('SourceUnavailable'), 90_000);
    assert.equal(await readyz(), 'ready');
    await first.stop();
    sluice = await stack.serve(...words);
    await waitFor('the stored state is served', async () => /serving what was stored/.test(await readyz()), 60_000);
    assert.equal((await stack.answers()).length, 3);
    await stack.cluster.start();
    await waitFor('the cluster is read', async () => (await readyz()) === 'ready', 60_000);
    await stack.scale('shop', 4);
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
    await stack.scale('shop', 1);
    await waitFor(
      'pod and machine',
      async () => {
        assert.equal((await stack.answers()).join(), '10.250.0.1,10.250.9.9');
        return true;
      },
      30_000,
    );
  });

  test('a Gateway of a folder has its certificate from the cluster: at the start, when it is replaced, and when another one is named', async (t) => {
    const stack = await startStack(t);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-gateway-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const write = (secret: string): void => {
      const tls = `tls: {certificateRefs: [{name: ${secret}}]}`;
      const gateway = `spec: {gatewayClassName: sluice, listeners: [{name: https, port: 443, protocol: HTTPS, ${tls}}]}`;
      writeFileSync(join(folder, 'gateway.yaml'), `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: secure}\n${gateway}\n`);
    };
    const apply = async (name: string, host: string): Promise<void> => stack.cluster.apply(tlsSecret(name, await selfSigned([host], Date.now())));
    const shows = (host: string): Promise<true> =>
      waitFor(`the certificate of ${host}`, async () => (await https(stack.httpsPort, '/')).certificate?.subject.CN === host || undefined);
    await apply('first', 'first.test');
    await apply('second', 'second.test');
    write('first');
    const sluice = await stack.serve('-c', folder);
    await shows('first.test');
    await apply('first', 'renewed.test');
    await shows('renewed.test');
    write('second');
    await shows('second.test');
    const { rows } = JSON.parse(await sluice.get('/api/v1/resources/secrets?group=default')) as ResourcesAnswer<'secrets'>;
    assert.deepEqual(
      rows.map(({ name }) => name).filter((name) => name.startsWith('default/')),
      ['default/second'],
    );
  });
}
