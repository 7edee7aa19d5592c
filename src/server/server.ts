import { createSecretKey, randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { createAdmin } from '../admin/admin.ts';
import { createChanges } from '../admin/changes.ts';
import { reportedRefusal } from '../ads/refusal/reported-refusal.ts';
import { type AdsServer, createAdsServer } from '../ads/server.ts';
import type { AdsObserver, NodeIdentity } from '../ads/stream/status.ts';
import type { ClientLimits } from '../client-limits.ts';
import { systemClock } from '../clock.ts';
import type { KubernetesConfig } from '../config/kubernetes-options.ts';
import { ejectionTimes } from '../ejection/times.ts';
import { createEngine, type Engine, type EngineOptions } from '../engine/engine.ts';
import type { EnvoyEvents } from '../engine/envoy-events.ts';
import type { LiveObjects } from '../kubernetes/live-objects.ts';
import { createAwayEnvoys } from '../load/away-envoys.ts';
import { createSplitWatch } from '../load/split-watch.ts';
import type { ProvisioningConfig } from '../provision/config.ts';
import { reasonOf } from '../reason.ts';
import { createSealing } from '../sealing.ts';
import { namedObjects, type Settings } from '../settings.ts';
import { createObjectsBeside, type ObjectsBeside } from '../source/beside.ts';
import { createFileSource } from '../source/files.ts';
import type { Source } from '../source/source.ts';
import { allDiagnostics } from '../status/all-diagnostics.ts';
import { createEndpointLags, type EndpointLags } from '../status/endpoint-lag.ts';
import { createEnvoyAdmins } from '../status/envoy-admins.ts';
import { createClientWatch } from '../status/hidden-clients.ts';
import { createMetrics } from '../status/metrics.ts';
import type { Sink } from '../store/sink.ts';
import { createStore } from '../store/store.ts';
import { openKeyFiles } from '../tls/key-files.ts';
import type { KeyFilePaths } from '../tls/key-material.ts';
import { makeOwnCertificate } from '../tls/own-certificate.ts';
import { defaultTrustDomain } from '../trust-domain.ts';
import { joinedAges, type KeptAges } from '../warm-up/kept-ages.ts';
import type { ClusterState, ClusterWrites, ClusterWritesOptions } from '../writing/cluster-writes.ts';
import { groupFacts } from '../writing/group-facts.ts';
import { createStatusObjects } from '../writing/status-objects.ts';
import { createEventTimes } from './event-times.ts';
import { openHistory, stateKeyIn } from './open-history.ts';
import { openProvisioning } from './provisioning.ts';

export interface ServerOptions {
  /** Folders or files that objects are read from. */
  readonly config: readonly string[];
  /** A cluster that objects are read from. Undefined: none. */
  readonly kubernetes?: KubernetesConfig;
  /** Nothing is written to that cluster. Undefined: what became of its objects is. */
  readonly readOnly?: boolean;
  /** What the Envoys are like that are made in that cluster for Gateways. Undefined: none are. */
  readonly provisioning?: ProvisioningConfig;
  /** `HOST:PORT` of the xDS server; port 0 takes a free one. */
  readonly xdsAddress: string;
  /** `HOST:PORT` of the admin API; port 0 takes a free one. */
  readonly adminAddress: string;
  /** Needed where the admin address is not loopback. */
  readonly adminToken?: string;
  /** Files of TLS for xDS. Undefined: plain text. */
  readonly tls?: KeyFilePaths;
  /** Trust domain of the names in clients' certificates. Undefined: `sluice`. */
  readonly trustDomain?: string;
  /** xDS without certificates of clients on an address that is not loopback. */
  readonly insecure?: boolean;
  /** What clients may take, as far as it differs from `defaultClientLimits`. */
  readonly clientLimits?: Partial<ClientLimits>;
  /** Folder that keeps revisions over restarts; undefined: they are kept in memory. */
  readonly stateDir?: string;
  /** File with the key that secrets are sealed with in it. Undefined: no value of a secret is written. */
  readonly stateKeyFile?: string;
  readonly settings: Settings;
  /** Admin pages of Envoys (`HOST:PORT`) that are asked which endpoints they leave out. Undefined: none. */
  readonly envoyAdmins?: readonly string[];
  /** Port of the views beside connected Envoys (`sluice drain --view`) that are asked the same. Undefined: none is. */
  readonly envoyViewPort?: number;
  /** The auth service that Envoys ask, and the 32 bytes that both know. Undefined: there is none, and paths with passwords are answered with 503. */
  readonly authz?: { readonly address: string; readonly key: Buffer };
  readonly log: Logger;
}

export interface Server {
  /** Bound `HOST:PORT`. */
  readonly xdsAddress: string;
  readonly adminAddress: string;
  readonly engine: Engine;
  readonly ads: AdsServer;
  /** Asks these admin pages of Envoys (`HOST:PORT`), and no others, which endpoints they leave out. */
  followEnvoys(addresses: readonly string[]): void;
  /** Stops accepting, closes streams in order; Envoys keep serving. Done within five seconds. */
  stop(): Promise<void>;
}

/** How long streams may take to end by themselves. */
const graceMs = 3000;
/** How long the history, and what is written to a cluster, may take to end: a disk that hangs must not keep the process. */
const lastWriteMs = 1500;

/**
 * Builds the parts of the server and connects them: sources → store → engine → ads, and the admin API beside them.
 * @throws {Error} where an address cannot be bound or is not allowed, or the key of the state folder is none; nothing is left running then.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { authz, log } = options;
  const settings: Settings = authz ? { ...options.settings, authzAddress: authz.address } : options.settings;
  const clock = systemClock;
  const metrics = createMetrics();
  const changes = createChanges(clock);
  const endpointLags = createEndpointLags();
  const events = createEventTimes();
  // An object that a folder and the cluster have is taken from the folder.
  const beside = createObjectsBeside();
  const files = options.config.map((path) => beside.heard(createFileSource({ path, log, clock })));
  const live = options.kubernetes && !options.readOnly ? createStatusObjects() : undefined;
  const sources = options.kubernetes ? [...files, await kubernetesSource(options.kubernetes, settings, log, beside, live)] : files;
  // Who has built nothing has nothing to say of objects.
  const cluster =
    options.kubernetes && live
      ? await clusterWrites(options.kubernetes, log, (context) => provisioning.writers(context), metrics.leads, {
          live,
          ingress: settings.ingress,
          onWrite: metrics.wroteToCluster,
          known(refusals) {
            const built = engine.built();
            return (
              built && {
                ...built,
                diagnostics: [...allDiagnostics(engine, ads, 'built', refusals), ...provisioning.diagnostics(), ...clientWatch.diagnostics()],
                groups: groupFacts(ads.nodes(), engine.releases()),
                gatewayAddresses: provisioning.addresses(),
              }
            );
          },
          report: () => ({ groups: groupFacts(ads.nodes(), engine.releases()), refusals: ads.refusals().map(reportedRefusal) }),
          ages: () => engine.ages(),
          agreeOnAges: (ages) => engine.agreeOnAges(ages),
        })
      : undefined;
  let beginWrites = cluster?.begin;
  let writes: ClusterWrites | undefined;
  const touch = (): void => {
    changes.touch();
    writes?.touch();
  };
  const onBuild: EngineOptions['onBuild'] = (result) => {
    metrics.built(result);
    if (!result.failed) writes ??= beginWrites?.();
    touch();
  };
  const keyFiles = options.tls && (await openKeyFiles({ paths: options.tls, clock, log }));
  const store = createStore(sources.map((source) => source.name));
  const provisioning = await openProvisioning(options.provisioning, {
    store,
    settings,
    trustDomain: options.trustDomain ?? defaultTrustDomain,
    onChange: () => touch(),
  });
  const stateKey = options.stateKeyFile === undefined ? undefined : stateKeyIn(options.stateKeyFile);
  const history = openHistory(options.stateDir, { clock, log, onFailure: metrics.historyFailed, ...(stateKey && { key: stateKey }) });
  const stored = await history.lastServed();
  const engine = createEngine({
    store,
    settings,
    clock,
    log,
    history,
    stored,
    ages: joinedAges(await history.lastAges(), (await cluster?.ages()) ?? {}),
    ...(authz && { authz: { address: authz.address, sealing: createSealing(createSecretKey(authz.key)) } }),
    ownCertificate: await makeOwnCertificate(clock.now()),
    sessionSeed: stateKey?.derived('sessions') ?? randomBytes(32).toString('hex'),
    nodes: () => ads.nodes(),
    reportsOf(group, node, from) {
      const { issued, failed } = ads.load.node({ group, node }, from);
      return { requests: issued, errors: failed, times: ads.latency.node({ group, node }, from) };
    },
    onBuild,
    onNews(group, news) {
      metrics.released(group, news);
      touch();
    },
  });
  const envoyAdmins = createEnvoyAdmins({
    clock,
    timesOf(group, name) {
      const cluster = engine.snapshot(group)?.resources.clusters.get(name);
      return cluster && ejectionTimes(cluster);
    },
    ...(options.envoyViewPort === undefined ? {} : { viewPort: options.envoyViewPort }),
  });
  const awayEnvoys = createAwayEnvoys();
  const ads: AdsServer = createAdsServer({
    snapshots: engine.snapshots,
    clock,
    log,
    observer: observers(metrics, endpointLags, engine.envoys, [awayEnvoys, envoyAdmins], touch),
    eventAt: events.now,
    insecure: options.insecure ?? false,
    ...(keyFiles && { keyFiles }),
    ...(options.clientLimits && { clientLimits: options.clientLimits }),
    ...(options.trustDomain === undefined ? {} : { trustDomain: options.trustDomain }),
    isReady: () => engine.isReady() || engine.servesStored() !== undefined,
  });
  const clientWatch = createClientWatch({ engine, ledger: ads.clients, clock, nodes: settings.clientCensus.nodes, onChange: touch });
  const splits = createSplitWatch({ ledger: ads.load, clock, groupOf: engine.group });
  engine.snapshots.subscribe((snapshot, change) => {
    changes.replaced(snapshot.group, change);
    if (change.routes) splits.touch(snapshot.group);
  });
  envoyAdmins.follow(options.envoyAdmins ?? []);
  const admin = createAdmin({
    engine,
    ads,
    clock,
    log,
    settings,
    metrics,
    endpointLags,
    changes,
    history,
    splitTimes: splits.times,
    awayEnvoys,
    envoyAdmins,
    provisioning,
    clientWatch,
    ...(options.adminToken === undefined ? {} : { token: options.adminToken }),
  });
  const ending = new AbortController();
  const running: Promise<void>[] = [];

  const stop = async (): Promise<void> => {
    ending.abort();
    beginWrites = undefined;
    await Promise.all([admin.stop(), ads.stop(graceMs), within(lastWriteMs, writes?.stop()), ...running]);
    engine.stop();
    envoyAdmins.stop();
    clientWatch.stop();
    keyFiles?.stop();
    await within(lastWriteMs, history.stop());
  };
  try {
    const adminAddress = await admin.listen(options.adminAddress);
    const xdsAddress = await ads.listen(options.xdsAddress);
    for (const source of sources) running.push(source.run(told(events.through(store.sink(source.name)), touch), ending.signal));
    return { xdsAddress, adminAddress, engine, ads, followEnvoys: envoyAdmins.follow, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the end of something, and no longer than this. */
function within(milliseconds: number, ending: Promise<void> | undefined): Promise<void> {
  return Promise.race([ending ?? Promise.resolve(), new Promise<void>((resolve) => systemClock.after(milliseconds, resolve))]);
}

/** A cluster that is written to. */
interface WrittenCluster {
  /** What other replicas know of how old endpoints are; nothing where that cannot be read. */
  ages(): Promise<KeptAges>;
  begin(): ClusterWrites;
}

async function clusterWrites(
  choice: KubernetesConfig,
  log: Logger,
  more: ClusterWritesOptions['writers'],
  onLeader: (isLeader: boolean) => void,
  state: Omit<ClusterState, 'namespaces'>,
): Promise<WrittenCluster> {
  const [{ createClusterClient }, { startClusterWrites }, { clusterWriters }, { agesOfReplicas }] = await Promise.all([
    import('../kubernetes/client.ts'),
    import('../writing/cluster-writes.ts'),
    import('../writing/writers.ts'),
    import('../writing/replica-ages.ts'),
  ]);
  const client = createClusterClient(choice, systemClock);
  const { namespaces } = choice;
  const writers: ClusterWritesOptions['writers'] = (context) => [...clusterWriters(context), ...more(context)];
  return {
    async ages() {
      try {
        return await agesOfReplicas(client);
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, 'what other replicas know of the ages of endpoints cannot be read: those that are there count as warm');
        return {};
      }
    },
    begin: () => startClusterWrites({ client, clock: systemClock, log, onLeader, state: { ...state, namespaces }, writers }),
  };
}

/** Loaded when it is needed: what reads a cluster takes half a second and 80 MB. */
async function kubernetesSource(
  choice: KubernetesConfig,
  settings: Settings,
  log: Logger,
  beside: ObjectsBeside,
  live: LiveObjects | undefined,
): Promise<Source> {
  const { createKubernetesSource } = await import('../source/kubernetes.ts');
  return createKubernetesSource({ ...choice, named: namedObjects(settings.ingress), beside, ...(live && { live }), log, clock: systemClock });
}

/** A sink that tells of mistakes too: the store tells of objects alone, and a mistake may change none. */
function told(sink: Sink, touch: () => void): Sink {
  return {
    ...sink,
    diagnostics(diagnostics) {
      sink.diagnostics(diagnostics);
      touch();
    },
  };
}

/** Told which Envoys have streams. */
interface Follower {
  opened(node: NodeIdentity): void;
  closed(node: NodeIdentity, now: number): void;
}

/** Tells the engine what concerns it, and whoever follows that something happened, besides the metrics. */
function observers(metrics: AdsObserver, lags: EndpointLags, envoys: EnvoyEvents, followers: readonly Follower[], touch: () => void): AdsObserver {
  return {
    streamOpened(node) {
      metrics.streamOpened(node);
      for (const one of followers) one.opened(node);
      touch();
    },
    streamClosed(node, reason) {
      metrics.streamClosed(node, reason);
      envoys.lost(node);
      for (const one of followers) one.closed(node, systemClock.steady());
      touch();
    },
    pushed(node, push) {
      metrics.pushed(node, push);
      touch();
    },
    acked(node, ack) {
      metrics.acked(node, ack);
      if (ack.event && ack.type === 'endpoints') lags.acked(node.group, ack.event.at, ack.event.agoMs);
      touch();
    },
    nacked(node, nack) {
      metrics.nacked(node, nack);
      envoys.refused(node, nack);
      touch();
    },
    streamRefused: metrics.streamRefused,
    connectionRefused: metrics.connectionRefused,
  };
}
