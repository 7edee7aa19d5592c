import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EncodedSnapshotAnswer } from '../../src/admin/api/encoded.ts';
import type { StatusAnswer } from '../../src/admin/api/status.ts';
import type { NodeStatus } from '../../src/ads/stream/status.ts';
import { systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { type BootstrapOptions, defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { type EnvoyProcess, startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { insideServer } from '../chaos/server-process.ts';
import { http } from '../e2e/client.ts';
import { freePort } from '../e2e/port.ts';
import { type CommandRun, type RunningCommand, startSluice } from '../e2e/sluice.ts';
import { waitFor } from '../e2e/wait.ts';
import { startXdsService } from './xds-service.ts';

/** A process of `sluice serve --kubernetes`: one of several that Envoys may connect to. */
export interface Replica {
  readonly adminAddress: string;
  readonly command: RunningCommand;
  /** Asks its admin API. */
  get(path: string): Promise<string>;
  /** Waits until it says that it is ready. */
  ready(): Promise<void>;
  /** What it has written to streams since it started: answers, and the bytes of these. */
  pushed(): Promise<{ readonly pushes: number; readonly bytes: number; readonly resources: number }>;
  /** Versions of all that it serves, by type and name. */
  versions(): Promise<Readonly<Record<string, string>>>;
  /** The Envoys that are connected to it, and have acknowledged all that it serves. */
  envoys(): Promise<readonly string[]>;
  /** Whether it writes to the cluster. */
  leads(): Promise<boolean>;
  /** Sets its clock an hour forward, or back again. Only once it is ready. */
  jump(): void;
  /** Takes it out of the Service after it was asked to end, as a cluster does. @returns how it ended. */
  stop(signal?: NodeJS.Signals): Promise<CommandRun>;
}

/** A real API server, Envoys, and replicas of Sluice behind one address. Each test has its own. */
export interface Stack {
  readonly cluster: ApiServer;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Bodies of so many answers, each once, sorted; a status where it is not 200. */
  answers(requests?: number): Promise<readonly string[]>;
  /** Starts a replica; new connections of Envoys may lead to it. */
  serve(...words: readonly string[]): Promise<Replica>;
  /** Has new connections of Envoys lead to these replicas alone. */
  lead(...replicas: readonly Replica[]): void;
  /** Cuts the connections of the Envoys. */
  cut(): void;
  /** A number that an Envoy counts, by default the first one. */
  stat(name: string, envoy?: number): Promise<number>;
  /** Makes or removes pods of an application until there are so many; each answers with its address. */
  scale(app: string, pods: number): Promise<void>;
}

/** One network for the pods of each application, in the order in which they come. */
const networks = new Map<string, number>();

/** Keys that all replicas have, as the Secret `sluice-keys` gives them. */
const keys = { 'state.key': 'ab'.repeat(32), 'authz.key': 'c'.repeat(32) };

/**
 * Runs in a network namespace, see `runInNamespace`.
 * @param count how many Envoys there are, `envoy-0` and so on; the machine shares connections out among those of one port.
 * @param flags more flags of the API server.
 */
export async function startStack(t: TestContext, count = 1, flags: readonly string[] = []): Promise<Stack> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-kubernetes-'));
  for (const [name, key] of Object.entries(keys)) writeFileSync(join(root, name), key);
  const children = createChildren();
  const cluster = await startApiServer({ controllers: ['endpointslice-controller'], flags });
  const backend = createServer((request, response) => response.end(request.socket.localAddress)).listen(8080, '0.0.0.0');
  await once(backend, 'listening');
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const service = await startXdsService();
  const targets = new Map<Replica, number>();
  const running: RunningCommand[] = [];
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  t.after(async () => {
    for (const { child, ended } of running) {
      child.kill();
      await ended;
    }
    await service[Symbol.asyncDispose]();
    await children.stop();
    await cluster.close();
    client.close();
    backend.closeAllConnections();
    backend.close();
    rmSync(root, { recursive: true, force: true });
  });
  const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
  const envoys: EnvoyProcess[] = [];
  for (let index = 0; index < count; index++) {
    const bootstrap: BootstrapOptions = {
      node: `envoy-${index}`,
      group: 'default',
      xds: { host: '127.0.0.1', port: service.port },
      protocol: 'delta',
      admin: { host: '127.0.0.1', port: 0 },
      maxConnections: defaultMaxConnections,
    };
    envoys.push(await startEnvoy({ binary, folder: join(root, bootstrap.node), children, concurrency: 1, drainSeconds: 2, bootstrap }));
  }
  await cluster.apply('apiVersion: v1\nkind: Node\nmetadata: {name: node}\n');
  const pods = '/api/v1/namespaces/default/pods';
  const counts = new Map<string, number>();
  const leadTo = (replicas: Iterable<Replica>): void => service.lead([...replicas].map((replica) => targets.get(replica) ?? assert.fail()));

  return {
    cluster,
    httpPort,
    httpsPort,
    async answers(requests = 100) {
      const found = await Promise.all(Array.from({ length: requests }, () => http(httpPort, '/')));
      return [...new Set(found.map(({ status, body }) => (status === 200 ? body : String(status))))].sort();
    },
    async serve(...words) {
      const [xdsPort, adminPort] = [await freePort(), await freePort()];
      const addresses = [`--xds-address=127.0.0.1:${xdsPort}`, `--admin-address=127.0.0.1:${adminPort}`];
      const ports = [`--http-port=${httpPort}`, `--https-port=${httpsPort}`];
      const own = `--state-dir=${join(root, `state-${running.length}`)}`;
      const shared = [`--state-key-file=${join(root, 'state.key')}`, '--authz-address=127.0.0.1:1', `--authz-key-file=${join(root, 'authz.key')}`];
      const all = ['serve', '--kubernetes', `--kubeconfig=${cluster.kubeconfig}`, ...addresses, ...ports, own, ...shared, ...words];
      const command = startSluice(all, { NODE_OPTIONS: `--import ${insideServer}` }, root);
      running.push(command);
      const replica = replicaOf(command, `127.0.0.1:${adminPort}`, () => {
        targets.delete(replica);
        leadTo(targets.keys());
      });
      targets.set(replica, xdsPort);
      leadTo(targets.keys());
      return replica;
    },
    lead: (...replicas) => leadTo(replicas),
    cut: service.cut,
    async stat(name, envoy = 0) {
      const answer = await fetch(`http://${envoys[envoy]?.adminAddress}/stats?filter=^${name}$`);
      return Number(/: (\d+)$/m.exec(await answer.text())?.[1] ?? assert.fail(`Envoy does not count ${name}`));
    },
    async scale(app, wanted) {
      if (!networks.has(app)) networks.set(app, networks.size);
      let count = counts.get(app) ?? 0;
      for (; count < wanted; count += 1) {
        const name = `${app}-${count}`;
        const spec = { nodeName: 'node', containers: [{ name: app, image: app }] };
        await client.ask({ method: 'POST', path: pods, body: { metadata: { name, labels: { app } }, spec } });
        const ip = `10.250.${networks.get(app)}.${count + 1}`;
        const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] };
        await client.ask({ method: 'PATCH', path: `${pods}/${name}/status`, contentType: 'application/merge-patch+json', body: { status } });
      }
      for (; count > wanted; count -= 1) await client.ask({ method: 'DELETE', path: `${pods}/${app}-${count - 1}`, query: { gracePeriodSeconds: 0 } });
      counts.set(app, count);
    },
  };
}

function replicaOf(command: RunningCommand, adminAddress: string, leave: () => void): Replica {
  const get = async (path: string): Promise<string> => (await fetch(`http://${adminAddress}${path}`)).text();
  return {
    adminAddress,
    command,
    get,
    async ready() {
      const isReady = async (): Promise<boolean> => command.child.exitCode !== null || (await get('/readyz')) === 'ready';
      await waitFor('the replica is ready', isReady, 60_000);
      assert.equal(command.child.exitCode, null, command.stderr());
    },
    async pushed() {
      const metrics = await get('/metrics');
      const sum = (name: string): number =>
        [...metrics.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'gm'))].reduce((all, [, one]) => all + Number(one), 0);
      return { pushes: sum('sluice_pushes_total'), bytes: sum('sluice_push_bytes_total'), resources: sum('sluice_push_resources_total') };
    },
    async versions() {
      const { resources } = JSON.parse(await get('/api/v1/snapshot/encoded?group=default')) as EncodedSnapshotAnswer;
      return Object.fromEntries(resources.map(({ type, name, version }) => [`${type} ${name}`, version]));
    },
    async envoys() {
      const { nodes } = JSON.parse(await get('/api/v1/status')) as StatusAnswer;
      const hasAll = ({ revisionWanted, revisionAcked, types }: NodeStatus): boolean =>
        revisionWanted !== undefined &&
        revisionWanted === revisionAcked &&
        Object.values(types).every(({ state }) => state === 'ACKED' || state === 'UNREQUESTED');
      return nodes.filter(hasAll).map(({ id }) => id);
    },
    leads: async () => /^sluice_leader 1$/m.test(await get('/metrics')),
    jump: () => void command.child.kill('SIGUSR2'),
    async stop(signal = 'SIGTERM') {
      command.child.kill(signal);
      leave();
      return command.ended;
    },
  };
}
