import { pino } from 'pino';
import { type AdsServer, type AdsServerOptions, createAdsServer } from '../../src/ads/server.ts';
import { systemClock } from '../../src/clock.ts';
import type { Resource } from '../../src/resource.ts';
import { quietObserver } from './observer.ts';
import { createFakeSnapshots, type FakeSnapshots } from './snapshots.ts';

/** A server for one test. `await using` stops it. */
export interface StartedAdsServer extends AsyncDisposable {
  readonly server: AdsServer;
  /** Where it listens, `HOST:PORT`. */
  readonly address: string;
  readonly snapshots: FakeSnapshots;
}

/**
 * Starts a real server on a free port, that logs nothing.
 * @param served what group `default` is served; undefined: there is no group.
 * @param options what differs: another clock, TLS, limits, an observer that looks.
 */
export async function startAdsServer(served?: readonly Resource[], options: Partial<Omit<AdsServerOptions, 'snapshots'>> = {}): Promise<StartedAdsServer> {
  const snapshots = createFakeSnapshots();
  if (served) snapshots.put('default', served);
  const server = createAdsServer({ snapshots, clock: systemClock, log: pino({ level: 'silent' }), observer: quietObserver, ...options });
  const address = await server.listen('127.0.0.1:0');
  return { server, address, snapshots, [Symbol.asyncDispose]: () => server.stop(200) };
}
