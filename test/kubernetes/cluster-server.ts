import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { type EnvoyProcess, startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { type Server, type ServerOptions, startServer } from '../../src/server/server.ts';
import { defaultSettings, type IngressSettings } from '../../src/settings.ts';
import { freePort } from '../e2e/port.ts';

/** A server in the process of a test, which reads a cluster and writes to it. It ends with the test. */
export interface ClusterServer {
  readonly server: Server;
  /** A real Envoy of the group `default`. */
  envoy(): Promise<EnvoyProcess>;
  /** What it wrote or found to be written, by `KIND RESULT`. */
  writes(what: 'status' | 'event'): Promise<Readonly<Record<string, number>>>;
}

/** Options of one that says nothing and listens on free ports. @param namespaces that are read; empty: all. */
export function clusterOptions(kubeconfig: string, namespaces: readonly string[] = []): ServerOptions {
  return {
    config: [],
    kubernetes: { kubeconfig, namespaces },
    xdsAddress: '127.0.0.1:0',
    adminAddress: '127.0.0.1:0',
    settings: defaultSettings,
    log: pino({ level: 'silent' }),
  };
}

export async function startClusterServer(t: TestContext, kubeconfig: string, ingress: Partial<IngressSettings> = {}): Promise<ClusterServer> {
  const children = createChildren();
  const root = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
  const server = await startServer({ ...clusterOptions(kubeconfig), settings: { ...defaultSettings, httpPort: await freePort(), ingress } });
  t.after(async () => {
    await server.stop();
    await children.stop();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    server,
    async envoy() {
      const [host = '', port = ''] = server.xdsAddress.split(':');
      return startEnvoy({
        binary: await findEnvoy({ env: process.env, progress: (line) => console.error(line) }),
        folder: join(root, 'envoy'),
        children,
        concurrency: 1,
        drainSeconds: 1,
        bootstrap: {
          node: 'envoy-0',
          group: 'default',
          xds: { host, port: Number(port) },
          protocol: 'delta',
          admin: { host: '127.0.0.1', port: await freePort() },
          maxConnections: defaultMaxConnections,
        },
      });
    },
    async writes(what) {
      const text = await (await fetch(`http://${server.adminAddress}/metrics`)).text();
      const lines = text.matchAll(/^sluice_cluster_writes_total\{what="(\w+)",kind="(\w+)",result="(\w+)"\} (\d+)$/gm);
      return Object.fromEntries([...lines].flatMap(([, of, kind, result, count]) => (of === what ? [[`${kind} ${result}`, Number(count)]] : [])));
    },
  };
}
