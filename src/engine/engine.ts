import type { Logger } from 'pino';
import type { Build } from '../build.ts';
import { type Clock, dateOf } from '../clock.ts';
import type { Diagnostic, Origin } from '../diagnostic.ts';
import type { EndpointOrigin } from '../ir/backend.ts';
import type { Group } from '../ir/gateway.ts';
import { memoized } from '../memo/memoized.ts';
import type { Snapshot } from '../resource.ts';
import type { History, LastServed } from '../revision/history.ts';
import { withLivingShares } from '../revision/living-shares.ts';
import type { Configuration } from '../revision/release.ts';
import type { ReleaseNews } from '../revision/release-news.ts';
import { type ReleaseStatus, releaseStatus } from '../revision/release-status.ts';
import type { ConnectedNode } from '../revision/rollout.ts';
import type { Snapshots } from '../revision/snapshots.ts';
import type { Settings } from '../settings.ts';
import type { SourceState, Store, StoreChange } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';
import type { AuthzAccess } from '../translate/ingress/authz.ts';
import { type OwnCertificate, ownCertificateSecret } from '../translate/ingress/default-certificate.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';
import { type IdlePool, type PoolWarmUp, warmUpDiagnostics } from '../warm-up/pool-warm-up.ts';
import { secretResource } from '../xds/secret.ts';
import { createAskedGroups } from './asked-groups.ts';
import { buildDelay, type LastBuild, quietMs } from './build-delay.ts';
import { createBuilder } from './builder.ts';
import { caughtUp } from './caught-up.ts';
import { createCauses, type TakenCauses } from './causes.ts';
import { createCommands, type ReleaseCommands } from './commands.ts';
import { createEnvoyEvents, type EnvoyEvents } from './envoy-events.ts';
import { goneObjects } from './gone-objects.ts';
import { logInconsistent } from './inconsistent.ts';
import { missingSecretDiagnostics, releaseDiagnostics } from './release-diagnostics.ts';
import { createReleases, type ReleasesOptions } from './releases.ts';
import { createWarmUp } from './warm-up.ts';

/**
 * How old diagnostics may be that speak of endpoints. `recent`: of some time ago, as what follows the server asks again and again;
 * `built`: of the last build, however long ago, for who does not care about endpoints; undefined: of now, which may cost a build.
 */
export type DiagnosticAge = 'recent' | 'built' | undefined;

/** Builds for recent words alone take a twentieth of the time at most. */
const pausePerBuild = 19;

/** Keeps what every group is served in step with the store. */
export interface Engine {
  readonly snapshots: Snapshots;
  /** The objects as they are now. */
  view(): StoreView;
  sources(): readonly SourceState[];
  /** Of the sources, of the last build, of the certificates that are served now, of what is held, and of the history. */
  diagnostics(age?: DiagnosticAge): readonly Diagnostic[];
  /** What a group is served; the Envoys of a rollout may have something newer. Undefined: nothing is. */
  snapshot(group: string): Snapshot | undefined;
  /** The same as its revision has it: with the shares of routes as they are written, whatever lives. */
  written(group: string): Snapshot | undefined;
  /** Names of all groups that are served or asked for, sorted. */
  groups(): readonly string[];
  /** The representation of what a group is served, with the origins that resources do not hold. */
  group(name: string): Group | undefined;
  /** The representation of what the objects ask for: not what the group is served while that is held, pinned or tried. */
  newest(name: string): Group | undefined;
  /** Whether every source has listed and the first build is done. Nothing is answered before, but see `servesStored`. */
  isReady(): boolean;
  /** What was stored is served, as a source stays away. Undefined: what was built is, or nothing. */
  servesStored(): StoredStart | undefined;
  /** How the endpoints warm up that Sluice raises the weights of. */
  warmUps(): readonly PoolWarmUp[];
  /** Those that get no requests, also those that no route names any more. */
  idlePools(): readonly IdlePool[];
  /** How old endpoints are, for other replicas. */
  ages(): KeptAges;
  /** Takes over what another replica knows of it. */
  agreeOnAges(ages: KeptAges): void;
  /** What of the revisions of each group is served, held, pinned or tried, sorted by group. */
  releases(): readonly ReleaseStatus[];
  readonly commands: ReleaseCommands;
  /** What Envoys do, for revisions that are tried on a few of them. */
  readonly envoys: EnvoyEvents;
  /** The objects that the last build was made of, and which routes hung where. Undefined: there is none. */
  built(): BuiltObjects | undefined;
  /** Ends timers and subscriptions. */
  stop(): void;
}

/** Objects as a build saw them, whatever became of them since. */
interface BuiltObjects {
  readonly view: StoreView;
  readonly attachedRoutes: Build['attachedRoutes'];
}

/** A start from what was stored. */
interface StoredStart {
  /** Since when the oldest of the stored revisions was in force, in milliseconds since 1970. */
  readonly storedAt: number;
}

export interface EngineOptions {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every build, for metrics: how long it took, and whether it failed by a bug of ours. */
  readonly onBuild?: (result: { readonly tookMs: number; readonly failed: boolean }) => void;
  /** Told of what becomes of revisions, for metrics. */
  readonly onNews?: (group: string, news: ReleaseNews) => void;
  /** Keeps the revisions. */
  readonly history: History;
  /** What was served before the start, by the history. */
  readonly stored?: readonly LastServed[];
  /** How old endpoints were before the start, by the history. */
  readonly ages?: KeptAges;
  /** Every Envoy that is connected. Undefined: none ever is. */
  readonly nodes?: () => readonly ConnectedNode[];
  /** How the requests of an Envoy go, for revisions that are tried on a few of them. Undefined: nobody reports. */
  readonly reportsOf?: ReleasesOptions['reportsOf'];
  /** See `BuildOptions.sessionSeed`. */
  readonly sessionSeed?: string;
  /** See `BuildOptions.ownCertificate`. */
  readonly ownCertificate?: OwnCertificate;
  /** See `BuildOptions.authz`. */
  readonly authz?: AuthzAccess;
}

/**
 * Store → debounced build, in turns → releases. EndpointSlices go past the build: one event re-encodes the assignments of its
 * Service and nothing else, in the same turn, also while a build is under way.
 */
export function createEngine(options: EngineOptions): Engine {
  const { store, settings, clock, log, history, onBuild, stored = [], nodes = () => [], sessionSeed = '', ownCertificate, authz } = options;
  const warmUp = createWarmUp({
    view: store.view,
    clock,
    history,
    stored,
    ages: options.ages ?? {},
    mayStep: () => waitingSince === undefined && !builder.isBusy(),
    onStep: (owners) => releases.endpoints(owners, false),
  });
  const today = { view: store.view, weigh: warmUp.weigh, ...(ownCertificate && { ownCertificate: secretResource(ownCertificateSecret(ownCertificate)) }) };
  const releases = createReleases({
    today,
    settings: settings.release,
    clock,
    log,
    history,
    stored,
    nodes,
    ...(options.reportsOf ? { reportsOf: options.reportsOf } : {}),
    onNews: options.onNews ?? (() => {}),
  });
  const causes = createCauses();
  const asked = createAskedGroups();
  // gRPC clients that come back ask again; what they were served is not gone until then.
  for (const group of releases.groups()) asked.add(group);
  const builder = createBuilder(settings, clock);
  let built: Build | undefined;
  let builtFrom: StoreView | undefined;
  /** Whether something changed that the build which is under way does not have. */
  let isDueAgain = false;
  /** The Services (`NAMESPACE/NAME`) whose slices changed since the build which is under way was begun. */
  const changedMeanwhile = new Set<string>();
  let cancelTimer: (() => void) | undefined;
  let waitingSince: number | undefined;
  /** Whether objects may have gone since the build that nobody meant to go. What was there before a start may have gone meanwhile. */
  let isBulk = true;
  /** Whether slices changed since the build: what it says of endpoints may be out of date, what it serves is not. */
  let hasOldWords = false;
  let lastBuild: LastBuild = { endedAt: 0, tookMs: 0 };
  let storedStart: StoredStart | undefined;

  /** Begins a build of the objects as they are now; one that is under way comes to its end before. @param quietAt until when more changes may belong to it. */
  function rebuild(quietAt?: number): void {
    cancelTimer?.();
    cancelTimer = undefined;
    waitingSince = undefined;
    if (builder.isBusy()) {
      isDueAgain = true;
      return;
    }
    const taken = { causes: causes.take(), isBulk };
    isBulk = false;
    hasOldWords = false;
    changedMeanwhile.clear();
    const served = (group: string): Snapshot | undefined => releases.get(group)?.served?.snapshot;
    const view = store.frozen();
    builder.begin(
      view,
      { before: built, asked: [...asked.names()], served, sessionSeed, ...(ownCertificate && { ownCertificate }), ...(authz && { authz }) },
      ({ build: next, error, tookMs }) => {
        onBuild?.({ tookMs, failed: !next });
        const isEarly = quietAt !== undefined && next && built && next.diagnostics.length > built.diagnostics.length;
        if (next && !isEarly) serve(next, view, tookMs, taken);
        else {
          taken.causes.putBack();
          isBulk ||= taken.isBulk;
        }
        // A bug of ours: what was served stays, and the next change tries again.
        if (!next) log.error({ err: error }, 'build failed, the last good state stays in use');
        if (isDueAgain) cancelTimer = clock.after(0, rebuild);
        else if (isEarly) {
          waitingSince ??= clock.steady();
          cancelTimer ??= clock.after(Math.max(0, quietAt - clock.steady()), rebuild);
        }
        isDueAgain = false;
      },
    );
  }

  function serve(
    next: Build,
    view: StoreView,
    tookMs: number,
    { causes: taken, isBulk: wasBulk }: { readonly causes: TakenCauses; readonly isBulk: boolean },
  ): void {
    lastBuild = { endedAt: clock.steady(), tookMs };
    for (const snapshot of next.snapshots.values()) {
      if (built?.snapshots.get(snapshot.group)?.revision !== snapshot.revision) logInconsistent(snapshot, log);
    }
    built = next;
    builtFrom = view;
    storedStart = undefined;
    warmUp.built(next.groups.values());
    releases.built(configurationsOf(next), wasBulk, taken.words);
    releases.open();
  }

  /**
   * The configurations of a build, with the endpoints that changed while it was made, and the weights of those that warm up. Whatever
   * is checked before it is sent is checked by then.
   */
  function configurationsOf({ groups, snapshots }: Build): ReadonlyMap<string, Configuration> {
    const owners = new Set([...changedMeanwhile, ...warmUp.owners()]);
    const found = new Map<string, Configuration>();
    for (const [name, representation] of groups) {
      const snapshot = snapshots.get(name);
      const endpointOrigins = endpointOriginsOf(representation.backends);
      if (snapshot) found.set(name, caughtUp({ snapshot, endpointOrigins, representation }, owners, store.view, warmUp.weigh));
    }
    return found;
  }

  function schedule(): void {
    const now = clock.steady();
    const isFirst = waitingSince === undefined && !builder.isBusy();
    waitingSince ??= now;
    const { delayMs, quietAt } = buildDelay(now, waitingSince, isFirst, lastBuild);
    cancelTimer?.();
    cancelTimer = clock.after(delayMs, () => rebuild(quietAt));
  }

  function onChange(changes: readonly StoreChange[], isBulkChange: boolean): void {
    causes.add(changes);
    if (!store.isReady()) return;
    if (!built && !builder.isBusy()) {
      rebuild();
      return;
    }
    if (changes.some(({ kind }) => kind !== 'EndpointSlice')) {
      // What changes together belongs together: endpoints that go along with the route to them must not go before it.
      isBulk ||= isBulkChange;
      schedule();
      return;
    }
    const services = servicesOf(changes);
    warmUp.observe(services);
    releases.endpoints(services, isBulkChange);
    if (builder.isBusy()) for (const service of services) changedMeanwhile.add(service);
    if (services.some(hasSidecar)) {
      isBulk ||= isBulkChange;
      schedule();
    } else hasOldWords = true;
  }

  /** The inbound ports of a sidecar come from the slices of its Service (`NAMESPACE/NAME`), so they are built. */
  function hasSidecar(service: string): boolean {
    return store.view.list('Sidecar').some(({ namespace, object }) => `${namespace}/${object.spec.service}` === service);
  }

  /** Builds again for the words alone only when somebody asks for them: pods come and go far more often. */
  function diagnostics(age?: DiagnosticAge): readonly Diagnostic[] {
    if (hasOldWords && age === undefined) {
      builder.finish();
      rebuild();
      builder.finish();
    } else if (hasOldWords && age === 'recent' && !cancelTimer && !builder.isBusy()) {
      const at = lastBuild.endedAt + pausePerBuild * lastBuild.tookMs;
      cancelTimer = clock.after(Math.max(quietMs, at - clock.steady()), rebuild);
    }
    return [
      ...store.diagnostics(),
      ...(built?.diagnostics ?? []),
      ...certificateDiagnosticsOf(built, clock.now()),
      ...releaseDiagnostics(statuses()),
      ...warmUpDiagnostics(warmUp.pools(), originOfOwner),
      ...oldConfigurations().flatMap(missingSecretDiagnostics),
      ...history.diagnostics(),
    ];
  }

  function originOfOwner(origin: EndpointOrigin): Origin {
    if (origin.type === 'service') return store.view.get('Service', origin.namespace, origin.service)?.origin() ?? {};
    return origin.type === 'static' ? (store.view.get('Backend', origin.namespace, origin.backend)?.origin() ?? {}) : {};
  }

  function written(group: string): Snapshot | undefined {
    return built || storedStart ? releases.get(group)?.served?.snapshot : undefined;
  }

  /** What is served and was not made from the objects of today. */
  function oldConfigurations(): readonly Configuration[] {
    const found = releases.groups().map((group) => releases.get(group));
    return found.flatMap((release) => (release?.served && (storedStart || release.pin) ? [release.served] : []));
  }

  function statuses(): readonly ReleaseStatus[] {
    return releases.groups().map((group) => {
      const release = releases.get(group) ?? {};
      return releaseStatus(group, release, {
        settings: settings.release,
        goneObjects: () => (release.served ? goneObjects(release.served, store.view) : []),
        dateOf: (at) => dateOf(clock, at),
      });
    });
  }

  /** A source stays away: what was served last is better than no answer, and no worse than what Envoys have. */
  function startFromStored(): void {
    if (built || stored.length === 0) return;
    storedStart = { storedAt: Math.min(...stored.map(({ release }) => release.at)) };
    log.warn({ groups: releases.groups(), storedAt: new Date(storedStart.storedAt).toISOString() }, 'a source stays away, what was stored is served');
    releases.open();
  }

  const unsubscribe = store.subscribe(onChange);
  const { startFromStateMs } = settings.release;
  const cancelStart = startFromStateMs === undefined ? undefined : clock.after(startFromStateMs, startFromStored);
  if (store.isReady()) rebuild();

  return {
    snapshots: {
      get(group, node) {
        if (asked.add(group) && (built || builder.isBusy())) schedule();
        return releases.snapshots.get(group, node);
      },
      subscribe: releases.snapshots.subscribe,
    },
    snapshot(group) {
      const snapshot = written(group);
      return snapshot && withLivingShares(snapshot);
    },
    written,
    view: () => store.view,
    sources: () => store.sources(),
    diagnostics,
    groups: () => releases.groups(),
    group(name) {
      const { served, newest } = releases.get(name) ?? {};
      return (served ?? newest)?.representation ?? newest?.representation;
    },
    newest: (name) => releases.get(name)?.newest?.representation,
    isReady: () => built !== undefined,
    built: () => built && builtFrom && { view: builtFrom, attachedRoutes: built.attachedRoutes },
    servesStored: () => storedStart,
    warmUps: warmUp.pools,
    idlePools: warmUp.idle,
    ages: warmUp.ages,
    agreeOnAges: warmUp.agree,
    releases: statuses,
    commands: createCommands(releases, history, today),
    envoys: createEnvoyEvents(releases, nodes),
    stop() {
      cancelTimer?.();
      cancelStart?.();
      builder.stop();
      warmUp.stop();
      unsubscribe();
      releases.stop();
    },
  };
}

/** The same map for the same list, which most builds leave as it was: so what was made of the map holds on. */
const endpointOriginsOf = memoized((backends: Group['backends']) => new Map(backends.map(({ name, endpoints }) => [name, endpoints])));

/** What is to be said of certificates at this moment, once for each that several groups share. */
function certificateDiagnosticsOf(built: Build | undefined, now: number): readonly Diagnostic[] {
  const found = [...(built?.groups.values() ?? [])].flatMap((group) => certificateDiagnostics(group, now));
  return [...new Map(found.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

/** The Services (`NAMESPACE/NAME`) whose slices changed, each once. */
function servicesOf(changes: readonly StoreChange[]): readonly string[] {
  const slices = changes.flatMap(({ before, after }) => [before, after]).filter((object) => object?.kind === 'EndpointSlice');
  return [...new Set(slices.map((slice) => `${slice.namespace}/${slice.object.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`))];
}
