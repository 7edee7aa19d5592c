import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { History, LastServed } from '../revision/history.ts';
import { withLivingShares } from '../revision/living-shares.ts';
import {
  type Configuration,
  candidateOf,
  type Release,
  type ReleaseContext,
  type ReleaseEvent,
  stepRelease,
  tickAt,
  withChangedEndpoints,
  withEndpoints,
} from '../revision/release.ts';
import { type ReleaseNews, releaseNews } from '../revision/release-news.ts';
import type { ConnectedNode, ReportsOf } from '../revision/rollout.ts';
import type { Snapshots } from '../revision/snapshots.ts';
import type { ReleaseSettings } from '../settings.ts';
import type { CausesOfRevision } from './causes.ts';
import { type EndpointLane, endpointLane } from './endpoint-lane.ts';
import { createPublisher } from './publisher.ts';
import { renewed, type Today, withOwnSecrets } from './renewed.ts';
import { createSharesFirst } from './shares-first.ts';

/** What the groups are served, and what becomes of what is built. */
export interface Releases {
  readonly snapshots: Snapshots;
  /** Every group that is served or asked for, sorted. */
  groups(): readonly string[];
  get(group: string): Release | undefined;
  /** A build is done: the configuration of every group that the objects ask for. */
  built(configurations: ReadonlyMap<string, Configuration>, isBulk: boolean, causes: () => CausesOfRevision): void;
  /** Endpoints of these owners (`ownerOf`) changed, or their weights. */
  endpoints(owners: readonly string[], isBulk: boolean): void;
  /** A command of a person, or something that an Envoy did. */
  step(group: string, event: Exclude<ReleaseEvent, { type: 'built' | 'tick' }>): void;
  /** Serves what there is: before that no Envoy is answered. */
  open(): void;
  stop(): void;
}

export interface ReleasesOptions {
  readonly today: Today;
  readonly settings: ReleaseSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly history: History;
  /** What was served before the restart. */
  readonly stored: readonly LastServed[];
  /** Every Envoy that is connected. */
  readonly nodes: () => readonly ConnectedNode[];
  /** How the requests of an Envoy of a group go; undefined: nobody reports. */
  readonly reportsOf?: (group: string, ...asked: Parameters<ReportsOf>) => ReturnType<ReportsOf>;
  readonly onNews: (group: string, news: ReleaseNews) => void;
}

/** The shell around `stepRelease`: keeps the state of every group, its timer, and tells Envoys, the history and the log of it. */
export function createReleases({ today, settings, clock, log, history, stored, nodes, reportsOf, onNews }: ReleasesOptions): Releases {
  const releases = new Map<string, Release>(stored.map((last) => [last.kept.record.group, releaseOf(last, today)]));
  const timers = new Map<string, () => void>();
  const publisher = createPublisher();
  const sharesFirst = createSharesFirst(publisher, clock);
  /** Undefined: the configurations changed since it was made. */
  let lane: EndpointLane | undefined;
  let isOpen = false;

  const context = (group: string): ReleaseContext => ({
    now: clock.steady(),
    date: clock.now(),
    settings,
    connected: () => nodes().filter((node) => node.group === group),
    ...(reportsOf ? { reportsOf: (node: string, from: number) => reportsOf(group, node, from) } : {}),
  });

  function step(group: string, event: ReleaseEvent): void {
    const before = releases.get(group) ?? {};
    const after = stepRelease(before, event, context(group));
    if (after === before) return;
    if (after.served || after.newest) releases.set(group, after);
    else releases.delete(group);
    if (before.served?.endpointOrigins !== after.served?.endpointOrigins || before.newest?.endpointOrigins !== after.newest?.endpointOrigins) lane = undefined;
    arm(group, after);
    if (isOpen) publish(group, after, event.type === 'built' ? event.only : undefined);
    remember(group, before, after);
    for (const news of releaseNews(before, after)) {
      log[news.level]({ group, ...news.fields }, news.message);
      onNews(group, news);
    }
    // What is pinned takes up the endpoints that are believed now.
    if (after.pin && before.wipe?.emptied.size && after.wipe?.emptied.size === 0) built(group, after.newest, false);
  }

  function built(group: string, newest: Configuration | undefined, isBulk: boolean): void {
    const served = releases.get(group)?.served;
    const isServed = served && newest?.snapshot.revision === served.snapshot.revision;
    step(group, { type: 'built', newest, current: () => (isServed ? newest : served && renewed(served, newest, today)), isBulk });
  }

  function arm(group: string, release: Release): void {
    timers.get(group)?.();
    timers.delete(group);
    const at = tickAt(release, { now: clock.steady(), settings });
    if (at !== undefined)
      timers.set(
        group,
        clock.after(Math.max(0, at - clock.steady()), () => ticked(group)),
      );
  }

  function ticked(group: string): void {
    timers.delete(group);
    step(group, { type: 'tick' });
    const release = releases.get(group);
    if (release && !timers.has(group)) arm(group, release);
  }

  function publish(group: string, release: Release, endpoints?: ReadonlySet<string>): void {
    const candidate = candidateOf(release);
    const stable = release.served && withLivingShares(release.served.snapshot);
    const tried = candidate && { ...candidate, snapshot: withLivingShares(candidate.snapshot) };
    sharesFirst.put(group, stable && { stable, ...(tried ? { candidate: tried } : {}) }, endpoints);
  }

  function remember(group: string, before: Release, after: Release): void {
    const [old, next] = [before.served?.snapshot, after.served?.snapshot];
    if (!next) history.retire(group);
    else {
      if (old?.revision !== next.revision || before.pin !== after.pin) {
        history.release(group, { served: next.revision, at: clock.now(), ...(after.pin ? { pin: after.pin } : {}) });
      }
      if (old?.resources.endpoints !== next.resources.endpoints) history.endpoints(group, next.resources.endpoints);
    }
  }

  function keep({ snapshot, endpointOrigins }: Configuration, { served, newest }: Release, causes: () => CausesOfRevision): void {
    const parent = (newest ?? served)?.snapshot.revision;
    if (parent === snapshot.revision) return;
    const { group, revision, resources } = snapshot;
    const { listeners, routes, clusters, secrets } = resources;
    const counts = { listeners: listeners.size, routes: routes.size, clusters: clusters.size, secrets: secrets.size };
    const record = { group, revision, at: clock.now(), ...causes(), counts, ...(parent === undefined ? {} : { parent }) };
    history.keep({ record, snapshot: { ...snapshot, resources: { ...resources, endpoints: new Map() } }, endpointOrigins });
  }

  function laneNow(): EndpointLane {
    if (!lane) {
      const all = [...releases.values()].flatMap(({ newest, served }) => (newest === served ? [newest] : [newest, served]));
      lane = endpointLane(all.filter((one) => one !== undefined));
    }
    return lane;
  }

  return {
    snapshots: publisher,
    groups: () => [...releases.keys()].sort(),
    get: (group) => releases.get(group),
    built(configurations, isBulk, causes) {
      for (const group of new Set([...releases.keys(), ...configurations.keys()])) {
        const before = releases.get(group) ?? {};
        const newest = configurations.get(group);
        built(group, newest, isBulk);
        if (newest) keep(newest, before, causes);
      }
      // Now, as the next change of endpoints shall not wait for it.
      laneNow();
    },
    endpoints(owners, isBulk) {
      for (const [group, resources] of laneNow().update(today.view, today.weigh, owners)) {
        const { newest, served } = releases.get(group) ?? {};
        const next = newest && withChangedEndpoints(newest, resources);
        const current = served === newest ? next : served && withChangedEndpoints(served, resources);
        if (next === newest && current === served) continue;
        step(group, { type: 'built', newest: next, current: () => current, isBulk, only: new Set(resources.map(({ name }) => name)) });
      }
    },
    step,
    open() {
      if (isOpen) return;
      isOpen = true;
      for (const [group, release] of releases) publish(group, release);
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      sharesFirst.stop();
      publisher.stop();
    },
  };
}

/** What was served before a restart, as far as it could be kept. */
function releaseOf({ release, kept, endpoints }: LastServed, { ownCertificate }: Today): Release {
  const served = withOwnSecrets(withEndpoints({ snapshot: kept.snapshot, endpointOrigins: kept.endpointOrigins }, endpoints), ownCertificate);
  return { served, ...(release.pin ? { pin: release.pin } : {}) };
}
