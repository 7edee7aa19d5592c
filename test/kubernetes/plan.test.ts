import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Server, startServer } from '../../src/server/server.ts';
import { defaultSettings, withClusterClass } from '../../src/settings.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { tlsSecretYaml } from '../e2e/certificate.ts';
import { gatewayClassYaml, gatewayYaml, httpRouteYaml, routeYaml } from '../e2e/objects.ts';
import { type CommandRun, sluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { clusterOptions } from './cluster-server.ts';

const ingressOf = (name: string, more = ''): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}}
spec:
  ${more}
  rules: [{host: ${name}.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]`;

const serviceWithPod = (name: string, address: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [${address}]}]`;

/** Of two routes for one path the older one wins. */
const older = (to: string): string => httpRouteYaml('older', `{matches: [{path: {type: PathPrefix, value: /old}}], backendRefs: [{name: ${to}, port: 80}]}`);
const younger = httpRouteYaml('younger', '{matches: [{path: {type: PathPrefix, value: /old}}], backendRefs: [{name: b, port: 80}]}');

describe('a plan for a cluster', { timeout: 900_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-plan-'));
  let cluster: ApiServer;
  let server: Server;

  before(
    async () => {
      cluster = await startApiServer();
      await cluster.apply(
        [
          gatewayClassYaml,
          gatewayYaml,
          routeYaml('shop', { a: 90, b: 10 }),
          serviceWithPod('a', '10.1.0.1'),
          serviceWithPod('b', '10.1.0.2'),
          // Nothing in the cluster refers to it.
          await tlsSecretYaml('new', ['new.example']),
          // Somebody else's mistake.
          routeYaml('broken', { nowhere: 1 }, '/broken'),
          older('a'),
        ].join('\n---'),
      );
      // Ages are whole seconds.
      await waitFor('a second later', async () => {
        const { metadata } = JSON.parse(await cluster.get('/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/older')) as {
          readonly metadata: { readonly creationTimestamp: string };
        };
        return Date.now() > Date.parse(metadata.creationTimestamp) + 1000;
      });
      await cluster.apply(younger);
      server = await startServer({
        ...clusterOptions(cluster.kubeconfig),
        readOnly: true,
        settings: { ...defaultSettings, httpPort: 10080, ingress: withClusterClass({}) },
      });
      await waitFor('the server is ready', async () => (await fetch(`http://${server.adminAddress}/readyz`)).ok, 60_000);
    },
    { timeout: 900_000 },
  );
  after(async () => {
    await server?.stop();
    await cluster?.close();
    rmSync(root, { recursive: true, force: true });
  });

  function plan(objects: string, ...words: readonly string[]): Promise<CommandRun> {
    const file = join(root, 'new.yaml');
    writeFileSync(file, objects);
    return sluice(['plan', file, ...words]);
  }
  const ofCluster = (): readonly string[] => ['--kubernetes', '--kubeconfig', cluster.kubeconfig];
  const ofServer = (): readonly string[] => ['--server', server.adminAddress];

  for (const [beside, words] of [
    ['the cluster as it is', () => ofCluster()],
    ['what a server serves', () => [...ofCluster(), ...ofServer()]],
  ] as const) {
    test(`what is applied takes its place, and nothing else differs, beside ${beside}`, async () => {
      const { status, stdout, stderr } = await plan(routeYaml('shop', { a: 50, b: 50 }), ...words());
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^~ +default\/80 +\* +\/\* +default\/a\/80 90% → 50%, default\/b\/80 10% → 50% +\S+new\.yaml:\d+:\d+/m);
      assert.equal(stdout.match(/^[-+~↕] /gm)?.filter((sign) => sign !== '- ').length, 1, stdout);
      assert.match(stdout, /in this order: switch 1 route$/m);
    });

    test(`what is there already changes nothing, and keeps its age, beside ${beside}`, async () => {
      const { status, stdout, stderr } = await plan(`${routeYaml('shop', { a: 90, b: 10 })}\n---${older('a')}`, ...words(), '--exit-code');
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^group default: nothing differs/);
    });

    test(`an Ingress needs its class, and finds its Secret, beside ${beside}`, async () => {
      const { status, stdout, stderr } = await plan(ingressOf('new', 'ingressClassName: sluice\n  tls: [{hosts: [new.example], secretName: new}]'), ...words());
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^\+ +default\/80 +new\.example/m);
      assert.match(stdout, /^\+ +default\/new$/m);
      const foreign = await plan(ingressOf('foreign'), ...words());
      assert.match(foreign.stdout, /^group default: nothing differs/m);
    });
  }

  test('a mistake in what is applied is told, and ends with 1', async () => {
    const { status, stderr } = await plan(routeYaml('shop', { missing: 1 }), ...ofCluster());
    assert.equal(status, 1);
    assert.match(stderr, /new\.yaml:\d+:\d+ error BackendNotFound/);
    assert.doesNotMatch(stderr, /nowhere/);
  });

  test('folders on both sides are applied to the same cluster', async () => {
    const now = join(root, 'now.yaml');
    writeFileSync(now, routeYaml('shop', { a: 1 }));
    const { stdout } = await plan(routeYaml('shop', { b: 1 }), '-c', now, ...ofCluster());
    assert.match(stdout, /default\/a\/80 100% → 0%, default\/b\/80 0% → 100%/);
  });

  test('without the cluster all that a server reads there counts as removed, which is told', async () => {
    const { stderr } = await plan(routeYaml('shop', { a: 1 }), ...ofServer());
    assert.match(stderr, /the server reads kubernetes:\S+: what is not in \S+new\.yaml counts as removed/);
    assert.match(stderr, /give --kubernetes/);
  });
});
