import { type Resource, resourceTypes, type Snapshot } from '../../resource.ts';
import { references } from '../../revision/references.ts';
import { unboundAt } from './place.ts';
import type { RareMap } from './rare-map.ts';
import { remindAt } from './reminder.ts';
import type { StreamState } from './stream-state.ts';
import { holdsBack, isCompared } from './subscription.ts';
import { warmAt, warmTimes } from './warming.ts';

/**
 * Make before break, for one stream: when something may be sent, and when something may be removed.
 *
 * 1. Secrets, clusters and endpoints go out at once; what is no longer wanted stays with the client.
 * 2. A listener or a route configuration goes out when every cluster it needs is warm: acknowledged; or its endpoints and secrets
 *    acknowledged, and the time of its first health check over; or sent longer than `warmMs` ago. Each waits for its own only.
 * 3. When the client has acknowledged all listeners and routes, and refused none, listeners and routes that are no longer
 *    wanted are removed (a listener together with new ones already, as they may take its port); when that is acknowledged too, the rest of
 *    what is no longer wanted, after `drainMs`. While routes are refused the client goes on with older ones, so that what these need
 *    stays.
 *
 * A newer snapshot may come at any time: nothing here remembers which snapshot a wait began with.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
 */
export function mayBeSent(state: StreamState, resource: Resource, now: number): boolean {
  const { snapshot } = state;
  if (!snapshot || (resource.type !== 'listeners' && resource.type !== 'routes')) return true;
  const needed = references(resource);
  if (!areAllWarm(state, snapshot)) for (const name of needed.clusters) if (!isWarm(state, name, now)) return false;
  for (const name of needed.routes) {
    const route = snapshot.resources.routes.get(name);
    if (route && !state.subscriptions.routes.held.has(name) && !mayBeSent(state, route, now)) return false;
  }
  return true;
}

/** The usual case, which needs no look at each cluster: the client has all there are, and none is on its way. */
function areAllWarm({ warming, subscriptions: { clusters } }: StreamState, snapshot: Snapshot): boolean {
  return warming.length === 0 && (!clusters.wildcard || clusters.held.base === snapshot.resources.clusters);
}

function isWarm(state: StreamState, name: string, now: number): boolean {
  const { clusters } = state.subscriptions;
  // Only of a client that takes all clusters is it known that it takes this one, whatever the routes say.
  if (!clusters.wildcard || !state.snapshot?.resources.clusters.has(name)) return true;
  // A refused cluster will not come; only the requests for it suffer.
  if (clusters.pins.get(name)?.state === 'refused') return true;
  const at = warmAt(state, name);
  return clusters.held.has(name) && (at === undefined || now >= at);
}

/** Whether the client runs on exactly the listeners and routes of the snapshot. */
function isSwitched(state: StreamState): boolean {
  const { listeners, routes } = state.subscriptions;
  return !mayRunOnOld(state) && [listeners, routes].every((one) => one.pending.length === 0 && isCompared(one) && !holdsBack(one));
}

/** Whether an aggregated client with clusters may have listeners and routes that it did not ask for yet on this stream. */
function mayRunOnOld({ identity, now, subscriptions: { clusters, listeners } }: StreamState): boolean {
  return !identity.only && clusters.requested && !listeners.requested && now - identity.connectedAt < identity.limits.warmMs;
}

/** Gives what is no longer wanted, and no longer needed, the time at which it goes. */
export function scheduleRemovals(state: StreamState, now: number): void {
  const { listeners, routes, clusters, endpoints, secrets } = state.subscriptions;
  const isNothingRetired = listeners.retired.size + routes.retired.size + clusters.retired.size + endpoints.retired.size + secrets.retired.size === 0;
  if (isNothingRetired || !isSwitched(state)) return;
  for (const { retired } of [listeners, routes]) schedule(retired, now);
  if (listeners.retired.size > 0 || routes.retired.size > 0) return;
  for (const { retired } of [clusters, endpoints, secrets]) schedule(retired, now + state.identity.limits.drainMs);
}

function schedule(retired: RareMap<number | undefined>, at: number): void {
  for (const [name, planned] of retired) if (planned === undefined) retired.set(name, at);
}

/** The names of a type that may be removed now. A removal that is due waits for a switch that is under way. */
export function dueRemovals(state: StreamState, retired: RareMap<number | undefined>, now: number): readonly string[] {
  if (retired.size === 0 || !isSwitched(state)) return [];
  return [...retired].filter(([, at]) => at !== undefined && at <= now).map(([name]) => name);
}

/** A client that only now asks for listeners or routes may run on old ones: what these need is given its time again. */
export function postponeRemovals({ subscriptions: { clusters, endpoints, secrets } }: StreamState): void {
  for (const { retired } of [clusters, endpoints, secrets]) for (const name of retired.keys()) retired.set(name, undefined);
}

/** When the stream must be looked at again though nothing happens; undefined: never. */
export function wakeAt(state: StreamState): number | undefined {
  const { warmMs, replyMs } = state.identity.limits;
  let earliest = Number.POSITIVE_INFINITY;
  function consider(at: number): void {
    // What is over already did not help: to look again at once would be to do nothing else.
    if (at > state.now && at < earliest) earliest = at;
  }
  if (state.isQuiet && state.subscriptions.endpoints.retired.size === 0) {
    const oldest = state.subscriptions.endpoints.pending[0];
    if (oldest) consider(oldest.sentAt + replyMs);
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  }
  consider(remindAt(state));
  if (state.unbound.size > 0) consider(unboundAt(state));
  const { listeners, routes } = state.subscriptions;
  if (state.warming.length > 0 && !(isCompared(listeners) && isCompared(routes))) for (const at of warmTimes(state)) consider(at);
  if (state.slowAt !== undefined) consider(state.slowAt);
  if (mayRunOnOld(state)) consider(state.identity.connectedAt + warmMs);
  for (const type of resourceTypes) {
    const { retired, pending } = state.subscriptions[type];
    if (retired.size > 0 && isSwitched(state)) for (const at of retired.values()) if (at !== undefined) consider(at);
    const oldest = pending[0];
    if (!oldest) continue;
    if (type !== 'clusters') consider(oldest.sentAt + replyMs);
    // Newer clusters and removals wait for those that were sent, but not for ever: see `nextAnswer`.
    else if (!isCompared(state.subscriptions.clusters) || retired.size > 0) for (const { sentAt } of pending) consider(sentAt + warmMs);
  }
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
}
