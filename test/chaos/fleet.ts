import { join } from 'node:path';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { type EnvoyProcess, startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import type { Random } from '../fake/random.ts';
import { startTcpProxy, type TcpProxy, type Trouble } from './tcp-proxy.ts';
import { createWay, type Way } from './way.ts';

/** Real Envoys of one group on one port, each behind a proxy of its own that makes trouble. */
export interface Fleet extends AsyncDisposable {
  readonly envoys: readonly EnvoyProcess[];
  /** How the way of each to the server went. */
  readonly ways: readonly Way[];
  /** Troubles the way of one Envoy for a while. Gives it in words. */
  trouble(random: Random): string;
  /** Tells whether there is a server that has read its objects: without one no way is open. */
  setServing(isServing: boolean): void;
  /** Ends all troubles. */
  calm(): void;
}

const readyWithinMs = 60_000;
/** How long an edit may take to the Envoys while nothing is in its way: a build, a cluster that warms, and a busy machine. */
const settleMs = 10_000;
const troubles: readonly Trouble[] = ['cut', 'cut', 'stalled', 'slow', 'closed'];

/** Starts one Envoy for each protocol and waits until they serve. */
export async function startFleet(folder: string, xdsPort: number, protocols: readonly ('delta' | 'sotw')[]): Promise<Fleet> {
  const children = createChildren();
  const proxies: TcpProxy[] = [];
  const envoys: EnvoyProcess[] = [];
  const ways = protocols.map(() => createWay(settleMs));
  const isOpen = protocols.map(() => false);
  let isServing = true;
  const tell = (): void => {
    for (const [index, way] of ways.entries()) way.set(isServing && isOpen[index] === true);
  };
  const close = async (): Promise<void> => {
    await children.stop();
    for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  };
  try {
    const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    for (const [index, protocol] of protocols.entries()) {
      const proxy = await startTcpProxy(xdsPort, (isNowOpen) => {
        isOpen[index] = isNowOpen;
        tell();
      });
      proxies.push(proxy);
      const node = `envoy-${index}`;
      const xds = { host: '127.0.0.1', port: proxy.port };
      const bootstrap = { node, group: 'default', xds, protocol, admin: { host: '127.0.0.1', port: 0 }, maxConnections: defaultMaxConnections };
      envoys.push(await startEnvoy({ binary, folder: join(folder, node), children, concurrency: 1, drainSeconds: 2, bootstrap }));
    }
    await Promise.all(envoys.map((envoy) => envoy.ready(readyWithinMs)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    envoys,
    ways,
    trouble(random) {
      const index = Math.floor(random.next() * proxies.length);
      const trouble = random.pick(troubles);
      const forMs = 100 + random.next() * 1500;
      proxies[index]?.trouble(trouble);
      setTimeout(() => proxies[index]?.trouble(undefined), forMs).unref();
      return `the way of envoy-${index} is ${trouble}${trouble === 'cut' ? '' : ` for ${forMs.toFixed(0)} ms`}`;
    },
    setServing(isNowServing) {
      isServing = isNowServing;
      tell();
    },
    calm() {
      for (const proxy of proxies) proxy.trouble(undefined);
    },
    [Symbol.asyncDispose]: close,
  };
}
