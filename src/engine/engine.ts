import type { Logger } from 'pino';
import { type Build, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import type { Snapshot, SnapshotChange } from '../resource.ts';
import { problems } from '../revision/check.ts';
import { changeBetween } from '../revision/revision.ts';
import type { SnapshotListener, Snapshots } from '../revision/snapshots.ts';
import type { Settings } from '../settings.ts';
import type { SourceState, Store, StoreChange } from '../store/store.ts';
import type { StoreView } from '../store/view.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import { createAskedGroups } from './asked-groups.ts';
import { type EndpointLane, endpointLane } from './endpoint-lane.ts';
import { logInconsistent } from './inconsistent.ts';

/** Changes that come within this time of each other are built once. */
const quietMs = 20;
/** A build waits for quiet no longer than this. */
const patienceMs = 250;

/** Keeps what every group is served in step with the store. */
export interface Engine {
  readonly snapshots: Snapshots;
  /** The objects as they are now. */
  view(): StoreView;
  sources(): readonly SourceState[];
  /** Of the sources, of the last build, and of the certificates that are served now. */
  diagnostics(): readonly Diagnostic[];
  /** What a group is served. Undefined: nothing is. */
  snapshot(group: string): Snapshot | undefined;
  /** Names of all groups of the last build, sorted. */
  groups(): readonly string[];
  /** The representation of a group, with the origins that resources do not hold. */
  group(name: string): Group | undefined;
  /** Whether every source has listed and the first build is done: nothing is answered before. */
  isReady(): boolean;
  /** Ends timers and subscriptions. */
  stop(): void;
}

export interface EngineOptions {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every build, for metrics: how long it took, and whether it failed by a bug of ours. */
  readonly onBuild?: (result: { readonly tookMs: number; readonly failed: boolean }) => void;
}

/**
 * Store → debounced build → snapshots. EndpointSlices go past the build: one event re-encodes the assignments of its Service
 * and nothing else, in the same turn.
 */
export function createEngine({ store, settings, clock, log, onBuild }: EngineOptions): Engine {
  const listeners = new Set<SnapshotListener>();
  const asked = createAskedGroups();
  let built: Build | undefined;
  let lane: EndpointLane | undefined;
  let snapshots = new Map<string, Snapshot>();
  let cancelTimer: (() => void) | undefined;
  let waitingSince: number | undefined;
  /** Whether slices changed since the build: what it says of endpoints may be out of date, what it serves is not. */
  let hasOldWords = false;

  function publish(snapshot: Snapshot, change: SnapshotChange): void {
    snapshots.set(snapshot.group, snapshot);
    for (const listener of listeners) listener(snapshot, change, everyNode);
  }

  function rebuild(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    waitingSince = undefined;
    hasOldWords = false;
    const started = performance.now();
    let next: Build;
    try {
      next = build(store.view, settings, { asked: asked.names(), served: (group) => snapshots.get(group) });
    } catch (error) {
      // A bug of ours: what was served stays, and the next change tries again.
      log.error({ err: error }, 'build failed, the last good state stays in use');
      onBuild?.({ tookMs: performance.now() - started, failed: true });
      return;
    }
    onBuild?.({ tookMs: performance.now() - started, failed: false });
    const before = snapshots;
    built = next;
    lane = endpointLane(next.groups);
    snapshots = new Map(before);
    for (const name of before.keys()) if (!next.snapshots.has(name)) retire(name);
    for (const snapshot of next.snapshots.values()) {
      const previous = before.get(snapshot.group);
      const change = changeBetween(previous, snapshot);
      if (previous && Object.keys(change).length === 0) continue;
      if (previous?.revision !== snapshot.revision) {
        log.info({ group: snapshot.group, revision: snapshot.revision }, 'new revision');
        logInconsistent(snapshot, log);
      }
      publish(snapshot, change);
    }
  }

  /**
   * A group that no object asks for any more: its Envoys keep what they have, as a stream of an unknown group is left
   * unanswered; an Envoy that is running is never handed an empty configuration.
   */
  function retire(group: string): void {
    snapshots.delete(group);
    log.info({ group }, 'group is gone, its Envoys keep what they have');
  }

  function schedule(): void {
    const now = clock.now();
    waitingSince ??= now;
    cancelTimer?.();
    cancelTimer = clock.after(Math.max(0, Math.min(quietMs, waitingSince + patienceMs - now)), rebuild);
  }

  function onChange(changes: readonly StoreChange[]): void {
    if (!store.isReady()) return;
    if (!built) {
      rebuild();
      return;
    }
    if (changes.some(({ kind }) => kind !== 'EndpointSlice')) {
      // What changes together belongs together: endpoints that go along with the route to them must not go before it.
      schedule();
      return;
    }
    const services = servicesOf(changes);
    updateEndpoints(services);
    if (services.some(hasSidecar)) schedule();
    else hasOldWords = true;
  }

  /** The inbound ports of a sidecar come from the slices of its Service (`NAMESPACE/NAME`), so they are built. */
  function hasSidecar(service: string): boolean {
    return store.view.list('Sidecar').some(({ namespace, object }) => `${namespace}/${object.spec.service}` === service);
  }

  /** Builds again for the words alone only when somebody asks for them: pods come and go far more often. */
  function diagnostics(): readonly Diagnostic[] {
    if (hasOldWords) rebuild();
    return [...store.diagnostics(), ...(built?.diagnostics ?? []), ...certificateDiagnosticsOf(built, clock.now())];
  }

  /** The lane of endpoints: only assignments whose bytes changed are published. */
  function updateEndpoints(services: readonly string[]): void {
    if (services.length === 0 || !lane) return;
    for (const [group, resources] of lane.update(store.view, services)) {
      const current = snapshots.get(group);
      const changed = resources.filter(
        (resource) => current?.resources.endpoints.get(resource.name)?.version !== resource.version && problems(resource).length === 0,
      );
      if (!current || changed.length === 0) continue;
      const endpoints = new Map(current.resources.endpoints);
      for (const resource of changed) endpoints.set(resource.name, resource);
      publish({ ...current, resources: { ...current.resources, endpoints } }, { endpoints: changed.map((resource) => resource.name) });
    }
  }

  const unsubscribe = store.subscribe(onChange);
  if (store.isReady()) rebuild();

  return {
    snapshots: {
      get(group) {
        if (asked.add(group) && built) schedule();
        return snapshots.get(group);
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    snapshot: (group) => snapshots.get(group),
    view: () => store.view,
    sources: () => store.sources(),
    diagnostics,
    groups: () => [...(built?.groups.keys() ?? [])].sort(),
    group: (name) => built?.groups.get(name),
    isReady: () => built !== undefined,
    stop() {
      cancelTimer?.();
      unsubscribe();
      listeners.clear();
    },
  };
}

const everyNode = (): boolean => true;

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
