import { hash } from 'node:crypto';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Logger } from 'pino';
import { isLoopback, parseAddress } from '../address.ts';
import type { AdsServer } from '../ads/server.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Engine } from '../engine/engine.ts';
import type { AwayEnvoys } from '../load/away-envoys.ts';
import { splitLoads } from '../load/split-loads.ts';
import type { SplitTimes } from '../load/split-times.ts';
import type { Settings } from '../settings.ts';
import { allDiagnostics } from '../status/all-diagnostics.ts';
import type { EndpointLags } from '../status/endpoint-lag.ts';
import type { EnvoyAdmins } from '../status/envoy-admins.ts';
import type { ClientWatch } from '../status/hidden-clients.ts';
import type { Metrics } from '../status/metrics.ts';
import { readVersion } from '../version.ts';
import { checkCaller, checkToken } from './access.ts';
import { splitsOf } from './api/splits.ts';
import { statusAnswer } from './api/status.ts';
import { createApi, handleErrors } from './api.ts';
import type { Changes } from './changes.ts';
import { missingSources, unreadWords } from './choose-group.ts';
import { listening } from './listening.ts';
import type { Served, ServedHistory } from './served.ts';

/** What the admin server is made of. */
export interface AdminOptions {
  readonly engine: Engine;
  readonly ads: Pick<AdsServer, 'nodes' | 'access' | 'unfinished' | 'diagnostics' | 'refusals' | 'holders' | 'load' | 'latency'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly endpointLags: Pick<EndpointLags, 'of'>;
  /** Told by the server of what happens; followed by callers. */
  readonly changes: Changes;
  readonly history: ServedHistory;
  readonly splitTimes: SplitTimes;
  readonly awayEnvoys: Pick<AwayEnvoys, 'of'>;
  readonly envoyAdmins: Pick<EnvoyAdmins, 'out'>;
  /** Of Envoys that are made for Gateways. */
  readonly provisioning: { diagnostics(): readonly Diagnostic[] };
  readonly clientWatch: Pick<ClientWatch, 'diagnostics'>;
  /** Asked for with every call but those of the two probes. Undefined: none, which is allowed on loopback only. */
  readonly token?: string;
}

/** The HTTP side of a server: API, metrics, probes. */
export interface Admin {
  /**
   * Starts to listen on `HOST:PORT`; port 0 takes a free one. Gives the bound address.
   * @throws {Error} where the address is none, is taken, or reaches beyond this machine without a token.
   */
  listen(address: string): Promise<string>;
  /** Ends all connections. */
  stop(): Promise<void>;
}

/** How long connections may take to end by themselves when the server stops. */
const farewellMs = 200;

/** Makes the admin server; nothing listens yet. */
export function createAdmin({
  engine,
  ads,
  clock,
  log,
  settings,
  metrics,
  endpointLags,
  changes,
  history,
  splitTimes,
  awayEnvoys,
  envoyAdmins,
  provisioning,
  clientWatch,
  token,
}: AdminOptions): Admin {
  const served: Served = {
    view: () => engine.view(),
    sources: () => engine.sources(),
    diagnostics: (age) => [...allDiagnostics(engine, ads, age), ...provisioning.diagnostics(), ...clientWatch.diagnostics()],
    groups: () => engine.groups(),
    group: (name) => engine.group(name),
    snapshot: (group) => engine.snapshot(group),
    written: (group) => engine.written(group),
    warmUps: () => engine.warmUps(),
    idlePools: () => engine.idlePools(),
    nodes: () => ads.nodes(),
    isReady: () => engine.isReady(),
    access: ads.access,
    unfinished: ads.unfinished,
    refusals: ads.refusals,
    endpointLag: (nodes = ads.nodes()) => endpointLags.of(engine.groups(), nodes),
    outEndpoints: envoyAdmins.out,
    splitLoads: () =>
      splitLoads(
        engine.groups().flatMap((name) => engine.group(name) ?? []),
        ads.load,
      ),
    splits: () =>
      engine.groups().flatMap((name) => {
        const snapshot = engine.snapshot(name);
        return snapshot ? splitsOf(snapshot, served, clock) : [];
      }),
    envoys: { holders: ads.holders, load: ads.load, latency: ads.latency, times: splitTimes, away: awayEnvoys, newest: engine.newest },
    history,
    release: engine,
  };
  const version = readVersion();
  changes.lookAt(() => ({ status: statusAnswer(served, version, clock.now()), diagnostics: diagnosticsKey(served.diagnostics('recent')) }));
  const onBug = (error: unknown): void => log.error({ err: error }, 'a call of the admin API failed');

  function application(loopback: boolean): Hono {
    const app = new Hono();
    app.use(secureHeaders());
    if (loopback) app.use(checkCaller);
    app.get('/healthz', (context) => context.text('ok'));
    app.get('/readyz', (context) => {
      if (served.isReady()) return context.text(`ready${unreadWords(served)}`);
      const waiting = `waiting for ${missingSources(served).join(', ') || 'the first build'}`;
      // Envoys are answered, and no other server would know better.
      const stored = engine.servesStored();
      if (stored) return context.text(`ready, serving what was stored at ${new Date(stored.storedAt).toISOString()}, ${waiting}`);
      return context.text(`not ready, ${waiting}`, 503);
    });
    if (token !== undefined) app.use(checkToken(token));
    app.get('/metrics', async (context) => context.body(await metrics.render(served), 200, { 'content-type': metrics.contentType }));
    app.route('/', createApi({ served, settings, clock, version, changes, onBug }));
    return handleErrors(app, onBug);
  }

  let server: Server | undefined;
  return {
    async listen(address) {
      const wanted = parseAddress(address);
      if (!wanted) throw new Error(`admin address ${JSON.stringify(address)} is not HOST:PORT`);
      const loopback = isLoopback(wanted.host);
      if (!loopback && token === undefined) {
        throw new Error(
          `admin address ${address} reaches beyond this machine, so a token is needed: give --admin-token-file FILE or SLUICE_ADMIN_TOKEN, or listen on 127.0.0.1`,
        );
      }
      const started = createAdaptorServer({ fetch: application(loopback).fetch }) as Server;
      server = started;
      const bound = await listening(started, wanted, 'admin address');
      log.info({ address: bound }, 'admin API listens');
      return bound;
    },
    stop() {
      const stopping = server;
      server = undefined;
      return new Promise((resolve) => {
        if (!stopping?.listening) return resolve();
        // What followers are told last needs a moment on its way.
        const cancel = clock.after(farewellMs, () => stopping.closeAllConnections());
        stopping.close(() => {
          cancel();
          resolve();
        });
        changes.stop();
      });
    },
  };
}

/** Differs where any diagnostic does. Without lines and columns: to look these up costs the document to be read again. */
function diagnosticsKey(diagnostics: readonly Diagnostic[]): string {
  const key = diagnostics.map(({ code, message, at }) => JSON.stringify([code, message, at.file, at.object, at.field]));
  return hash('sha256', key.join('\n'), 'hex');
}
