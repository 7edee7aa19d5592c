import type { EndpointOrigin } from '../ir/backend.ts';
import type { Group } from '../ir/gateway.ts';
import type { Resource, ResourceMap, Snapshot } from '../resource.ts';
import type { ReleaseSettings } from '../settings.ts';
import { emptiedClusters, isNothing, type Loss, lossBetween } from './fuse.ts';
import { patched } from './patched-map.ts';
import { type ConnectedNode, judgedAt, judgeRollout, lostBy, type ReportsOf, type Rollout, restartRollout, startRollout, type Verdict } from './rollout.ts';

/** A revision with the endpoints of a moment, and what is needed to bring these up to date. */
export interface Configuration {
  readonly snapshot: Snapshot;
  /** By cluster: where its endpoints come from. */
  readonly endpointOrigins: ReadonlyMap<string, EndpointOrigin>;
  /** What it was made from; undefined where it comes from a history. */
  readonly representation?: Group;
}

/** A bulk change that takes away too much, until it is served or undone. */
export interface Wipe {
  /** Since when without a break, by the clock of the steps. */
  readonly since: number;
  /** What the newest revision does not have any more. */
  readonly loss: Loss;
  /** Clusters that keep their endpoints, since the bulk change took these away. */
  readonly emptied: ReadonlySet<string>;
  /** Whether it does not go out by time. */
  readonly isDiscarded: boolean;
  /** When it goes out since it is no longer too much, by the clock of the steps; undefined: it still is. What was taken away may come back piece by piece. */
  readonly settlesAt?: number;
}

/** How long nothing more may come back until the rest counts as meant. */
const settleMs = 10_000;

/** A revision that the Envoys which had it first did not take, or that a person took back from them. */
interface Refusal {
  readonly revision: string;
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Newer revisions are built and not served. */
interface Pin {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly why: string;
}

/** What of a group's revisions is served, and what is not and why. Immutable. */
export interface Release {
  /** What every Envoy of the group has, but for those of a rollout. Undefined: the group is not there. */
  readonly served?: Configuration;
  /** What the objects ask for. Undefined: nothing asks for the group. */
  readonly newest?: Configuration;
  readonly wipe?: Wipe;
  readonly refusal?: Refusal;
  readonly pin?: Pin;
  readonly rollout?: Rollout;
}

/** What may happen to a group. */
export type ReleaseEvent =
  /**
   * The objects changed, or the endpoints alone.
   * @param newest undefined: nothing asks for the group any more.
   * @param current what is served, with the endpoints and secrets of today; undefined where nothing is. Asked only where it may go on being served.
   * @param isBulk whether objects may have gone that nobody meant to go.
   * @param only clusters whose endpoints are new; undefined: anything may be.
   */
  | {
      readonly type: 'built';
      readonly newest: Configuration | undefined;
      readonly current: () => Configuration | undefined;
      readonly isBulk: boolean;
      readonly only?: ReadonlySet<string>;
    }
  /** What is held goes out, what is tried on a few Envoys goes to all. */
  | { readonly type: 'confirm' }
  /** What is held does not go out by time; what is tried on a few Envoys goes back. */
  | { readonly type: 'discard' }
  | { readonly type: 'pin'; readonly why: string }
  | { readonly type: 'unpin' }
  /** An older revision, with the endpoints and secrets of today, is served and pinned. */
  | { readonly type: 'rollback'; readonly to: Configuration; readonly why: string }
  /** A node refused something that it did not have before the rollout. */
  | { readonly type: 'refused'; readonly node: string; readonly why: string }
  /** A node has no stream any more. */
  | { readonly type: 'lost'; readonly node: string }
  /** Time went on. */
  | { readonly type: 'tick' };

/** What a step goes by besides its event. */
export interface ReleaseContext {
  /** Milliseconds of a clock that never jumps, as `Clock.steady`: a jump shall not let go what is held. */
  readonly now: number;
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly settings: ReleaseSettings;
  /** The Envoys of the group that are connected; asked only where a rollout wants to know. */
  readonly connected: () => readonly ConnectedNode[];
  /** How the requests of each of them go; undefined: nobody reports. */
  readonly reportsOf?: ReportsOf;
}

/** One step of a group: pure, the same for the same values. */
export function stepRelease(release: Release, event: ReleaseEvent, context: ReleaseContext): Release {
  switch (event.type) {
    case 'built':
      // After a start nobody is connected yet, and what was served before is known to be good: so a rollout waits.
      return decided(judged(release, event, context), context, release.newest ? 'some first' : 'some first, once they come');
    case 'confirm':
      return release.pin ? endpointsBelieved(release) : decided(without(release, 'wipe', 'refusal', 'rollout'), context, 'all');
    case 'discard':
      return discarded(release, context);
    case 'pin':
      return pinned(release, event.why, context.date);
    case 'unpin':
      return decided(unpinned(release, context), context, 'some first');
    case 'rollback':
      return pinned({ ...release, served: event.to }, event.why, context.date);
    case 'refused':
      return release.rollout?.nodes.has(event.node) ? back(release, event.why, context) : release;
    case 'lost':
      return release.rollout ? afterVerdict(release, lostBy(release.rollout, event.node), context) : release;
    case 'tick':
      return ticked(release, context);
  }
}

/** When a wipe goes out by itself, by the clock of the steps; undefined: there is none, or it does not. */
export function wipeGoesOutAt({ wipe, pin }: Release, { fuseHoldMs }: ReleaseSettings): number | undefined {
  if (!wipe || wipe.isDiscarded || (pin && wipe.emptied.size === 0)) return undefined;
  return Math.min(wipe.since + fuseHoldMs, wipe.settlesAt ?? Number.POSITIVE_INFINITY);
}

/** Whether the newest revision is not served because of it, and not only the endpoints of some clusters. */
export function holdsRevision({ loss, settlesAt }: Pick<Wipe, 'loss' | 'settlesAt'>): boolean {
  return loss.isWipe || settlesAt !== undefined;
}

/** When the next `tick` is due, by the clock of the steps; undefined: not before something else happens. */
export function tickAt(release: Release, { now, settings }: Pick<ReleaseContext, 'now' | 'settings'>): number | undefined {
  const times = [wipeGoesOutAt(release, settings), release.rollout && settings.canary && judgedAt(release.rollout, settings.canary, now)];
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What the Envoys of a rollout are served; undefined while there is none. */
export function candidateOf({ rollout, newest, served, wipe }: Release): { readonly snapshot: Snapshot; readonly nodes: ReadonlySet<string> } | undefined {
  if (!rollout || rollout.nodes.size === 0 || !newest) return undefined;
  return { snapshot: keeping(newest, served, wipe).snapshot, nodes: rollout.nodes };
}

/** Takes what was built, and says whether it removes too much. A wipe stays one until it is served or undone. */
function judged(release: Release, { newest, current: currentNow, isBulk, only }: ReleaseEvent & { type: 'built' }, { now, settings }: ReleaseContext): Release {
  const { served: before, wipe } = release;
  const goesOut = !isBulk && !wipe && !release.pin && !release.refusal && !settings.canary;
  const current = goesOut ? before : currentNow();
  const isNewer = newest?.snapshot.revision !== release.newest?.snapshot.revision;
  const next: Release = { ...without(release, 'wipe', 'newest', 'served'), ...(newest ? { newest } : {}), ...(current ? { served: current } : {}) };
  if (!before || !current || (!isBulk && !wipe)) return next;
  const loss = wipe && !isNewer && !isBulk ? wipe.loss : lossBetween(before.snapshot, newest?.snapshot, settings.fusePercent);
  const kept = wipe?.emptied ?? new Set();
  const emptied = emptiedClusters(before.snapshot, current.snapshot, settings.fusePercent, isBulk ? undefined : kept);
  if (only) for (const name of kept) if (!only.has(name)) emptied.add(name);
  const isSettling = wipe !== undefined && holdsRevision(wipe) && !loss.isWipe && !isNothing(loss) && !release.pin;
  if (!loss.isWipe && emptied.size === 0 && !isSettling && !release.pin) return next;
  const isJudgedAnew = wipe?.isDiscarded && (isNewer || isBulk);
  const since = !wipe || isJudgedAnew ? now : wipe.since;
  const settlesAt = isNewer ? now + settleMs : (wipe?.settlesAt ?? now + settleMs);
  const found: Wipe = { since, loss, emptied, isDiscarded: (wipe?.isDiscarded ?? false) && !isJudgedAnew, ...(isSettling ? { settlesAt } : {}) };
  return { ...next, served: keeping(current, before, found), wipe: found };
}

/** To whom a revision goes, where a share of the Envoys is to have it before the others. */
type Way = 'all' | 'some first' | 'some first, once they come';

/** What is to be served by what is known: the newest, unless something holds it. */
function decided(release: Release, context: ReleaseContext, way: Way): Release {
  const { served, newest, wipe, refusal, pin, rollout } = release;
  if (!served) return newest ? { newest, served: newest } : {};
  if (pin) return without(release, 'refusal', 'rollout');
  if (wipe && holdsRevision(wipe)) return without(release, 'refusal', 'rollout');
  // Nothing asks for the group any more, and that is meant.
  if (!newest) return {};
  const { revision } = newest.snapshot;
  const isServed = revision === served.snapshot.revision;
  if (refusal?.revision === revision && !isServed) return without(release, 'rollout');
  const { canary } = context.settings;
  if (!isServed && canary && way !== 'all') {
    const open = without(release, 'refusal');
    if (rollout) return rollout.revision === revision ? open : { ...open, rollout: restartRollout(rollout, revision, context.now) };
    const started = startRollout(revision, context.connected(), canary, context.now, context.reportsOf);
    // Where there is nobody to try it on, nobody is harmed either.
    if (started.nodes.size > 0 || way === 'some first, once they come') return { ...open, rollout: started };
  }
  return { newest, served: keeping(newest, served, wipe), ...(wipe && wipe.emptied.size > 0 ? { wipe } : {}) };
}

/** A configuration in which the clusters that a bulk change emptied have the endpoints that they are served. */
function keeping(configuration: Configuration, served: Configuration | undefined, wipe: Wipe | undefined): Configuration {
  if (!wipe || wipe.emptied.size === 0 || !served) return configuration;
  const { snapshot } = configuration;
  const endpoints = new Map(snapshot.resources.endpoints);
  for (const name of wipe.emptied) {
    const kept = served.snapshot.resources.endpoints.get(name);
    if (kept && endpoints.has(name)) endpoints.set(name, kept);
  }
  return withEndpoints(configuration, endpoints);
}

/** A configuration with other assignments, as far as it has their clusters. The same one where nothing differs. */
export function withChangedEndpoints(configuration: Configuration, resources: readonly Resource[]): Configuration {
  const known: ResourceMap = configuration.snapshot.resources.endpoints;
  const differing = resources.filter(({ name, version }) => configuration.endpointOrigins.has(name) && known.get(name)?.version !== version);
  if (differing.length === 0) return configuration;
  return withEndpoints(
    configuration,
    patched(
      known,
      differing.map((resource) => [resource.name, resource]),
    ),
  );
}

/** The same configuration with other endpoints. */
export function withEndpoints(configuration: Configuration, endpoints: ResourceMap): Configuration {
  const { snapshot } = configuration;
  return { ...configuration, snapshot: { ...snapshot, resources: { ...snapshot.resources, endpoints } } };
}

function discarded(release: Release, context: ReleaseContext): Release {
  if (release.rollout) return back(release, 'it was discarded', context);
  return release.wipe ? { ...release, wipe: { ...release.wipe, isDiscarded: true } } : release;
}

function pinned(release: Release, why: string, date: number): Release {
  return { ...without(release, 'refusal', 'rollout'), pin: { since: date, why } };
}

/** What happened while it was pinned is judged by what is served now, and its time counts from now on. */
function unpinned(release: Release, { now, settings }: ReleaseContext): Release {
  const { served, newest, wipe } = release;
  const open = without(release, 'pin');
  if (!served || !wipe) return open;
  return { ...open, wipe: { ...wipe, since: now, loss: lossBetween(served.snapshot, newest?.snapshot, settings.fusePercent) } };
}

function back(release: Release, why: string, { date }: ReleaseContext): Release {
  const { rollout } = release;
  return rollout ? { ...without(release, 'rollout'), refusal: { revision: rollout.revision, why, since: date } } : release;
}

/** Of what is pinned only the endpoints are those of today: they are believed from now on, when they come the next time. */
function endpointsBelieved(release: Release): Release {
  return release.wipe ? { ...release, wipe: { ...release.wipe, emptied: new Set() } } : release;
}

function ticked(release: Release, context: ReleaseContext): Release {
  const due = wipeGoesOutAt(release, context.settings);
  if (due !== undefined && context.now >= due) return release.pin ? endpointsBelieved(release) : decided(without(release, 'wipe'), context, 'some first');
  const { canary } = context.settings;
  if (!release.rollout || !canary) return release;
  return afterVerdict(release, judgeRollout(release.rollout, context.connected(), canary, context.now, context.reportsOf), context);
}

function afterVerdict(release: Release, verdict: Verdict, context: ReleaseContext): Release {
  if (verdict.type === 'back') return back(release, verdict.why, context);
  if (verdict.type === 'watch') return verdict.rollout === release.rollout ? release : { ...release, rollout: verdict.rollout };
  return decided(without(release, 'rollout'), context, 'all');
}

function without<Key extends keyof Release>(release: Release, ...keys: readonly Key[]): Omit<Release, Key> {
  const rest: Partial<Record<keyof Release, unknown>> = { ...release };
  for (const key of keys) delete rest[key];
  return rest as Omit<Release, Key>;
}
