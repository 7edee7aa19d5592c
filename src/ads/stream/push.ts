import { memoizedByBoth } from '../../memo/memoized.ts';
import type { Resource, ResourceMap, ResourceType, Snapshot } from '../../resource.ts';
import { byteLengthOf } from '../../route-table.ts';
import type { Answer } from './answer.ts';
import { quickFirst } from './apart.ts';
import { byName, difference, type Held, type HeldSet, isWhole } from './held.ts';
import { many, memoizedWhereLong } from './long-lists.ts';
import { madeWay } from './made-way.ts';
import { missing, noNames } from './names.ts';
import { dropPin, offerFor } from './offer.ts';
import { dueRemovals, mayBeSent } from './order.ts';
import type { Suspect } from './search.ts';
import { resourcesSotw, tellsAll } from './sotw.ts';
import { awaitsNames } from './stand-in.ts';
import type { StreamState } from './stream-state.ts';
import { isAtRest, isCompared, markAll, noLists, type Subscription, wanted, wants } from './subscription.ts';
import { startWarming, warmed } from './warming.ts';

/**
 * Answers that may wait for their ACK at the same time. Newer state merges while it waits; but Envoy withholds the ACK of
 * clusters while one of them warms, and applies newer ones meanwhile: of these only answers count that it may not have read yet,
 * as it said nothing to a later one of any type. Nor do those of more than `warmMs` ago: a cluster whose certificate never comes
 * warms for ever, and of one that it fails to make Envoy 1.40 says nothing, neither ACK nor NACK, until the cluster is removed or
 * mended. Nobody else may wait for that.
 */
const mostPending: Record<ResourceType, number> = { secrets: 1, clusters: 4, endpoints: 1, listeners: 1, routes: 1 };

/** Answers without a reply that are remembered; what is said to an older one is ignored. */
const mostRemembered = 32;

/**
 * The next answer of a type, where the client lacks something that may be sent now. Records it as sent.
 * @param removing whether removals that are due go with it.
 */
export function nextAnswer(state: StreamState, subscription: Subscription, now: number, removing: boolean): Answer | undefined {
  const { snapshot, identity } = state;
  if (isAtRest(subscription, removing)) {
    subscription.changedAt = undefined;
    return undefined;
  }
  if (!snapshot || !subscription.requested || isFull(state, subscription, now)) return undefined;
  if (subscription.type === 'clusters' && awaitsNames(state)) return undefined;
  const { changed: lacking, absent, waiting } = compareAndTry(state, snapshot, subscription, now);
  const changed = identity.protocol === 'delta' ? firstPart(subscription.type === 'clusters' ? quickFirst(state, lacking, now) : lacking) : lacking;
  // A first answer of a wildcard is taken for everything there is: half of it would remove, or be taken for ready.
  if (subscription.owed && waiting) return undefined;
  const leaving = removing ? dueRemovals(state, subscription.retired, now) : madeWay(subscription, changed, waiting);
  const gone = identity.protocol === 'delta' ? firstNames([...leaving, ...absent]) : [];
  // Told once: whoever is told again and again while others wait would reply to it for ever.
  const untold = absent.slice(Math.max(0, gone.length - leaving.length));
  subscription.asked = identity.protocol === 'delta' && untold.length > 0 ? [untold] : noLists;
  const removed = identity.protocol === 'delta' ? leaving.slice(0, gone.length) : leaving;
  const had = removed.length > 0 ? entriesOf(subscription.held, removed) : undefined;
  for (const name of removed) remove(state, subscription, name);
  const toldByOmission = identity.protocol === 'sotw' && tellsAll(subscription) && removed.length > 0;
  if (isCompared(subscription)) subscription.changedAt = undefined;
  if (changed.length === 0 && gone.length === 0 && !toldByOmission && !subscription.owed) return undefined;

  state.answers += 1;
  const nonce = String(state.answers);
  const before = subscription.held.copy();
  record(state, snapshot, subscription, changed, nonce, now);
  if (changed === lacking) subscription.isAllDirty = false;
  subscription.owed = false;
  subscription.lastNonce = nonce;
  subscription.search.trial = nonce;
  const answer = { nonce, sentAt: now, changedAt: subscription.changedAt, sent: changed, before, ...(had && { removed: had }) };
  subscription.pending = [...subscription.pending, answer].slice(-mostRemembered);
  subscription.changedAt = undefined;
  return {
    protocol: identity.protocol,
    type: subscription.type,
    nonce,
    version: subscription.held.version(),
    resources: identity.protocol === 'sotw' ? resourcesSotw(subscription, changed) : changed,
    removed: gone,
  };
}

function entriesOf(held: HeldSet, names: readonly string[]): ReadonlyMap<string, Held> {
  const entries = new Map<string, Held>();
  for (const name of names) {
    const has = held.get(name);
    if (has) entries.set(name, has);
  }
  return entries;
}

/**
 * Many gRPC clients read no message above 4 MiB: three for resources, and nearly one for the names of those that are gone. In state
 * of the world all clusters or listeners must be in one answer, whatever its size.
 */
const mostBytes = 3 * 1024 * 1024;
const mostNameBytes = 1000 * 1024;
/** What surrounds the bytes of a resource: its type URL, lengths and tags. */
const surroundingBytes = 128;

/** As many of the resources as fit one answer, at least one. The rest stays dirty, and follows in answers of its own. */
const firstPart = memoizedWhereLong((resources: readonly Resource[]): readonly Resource[] => {
  let bytes = 0;
  const end = resources.findIndex((resource) => {
    bytes += byteLengthOf(resource) + resource.name.length + resource.version.length + surroundingBytes;
    return bytes > mostBytes;
  });
  return end < 0 ? resources : resources.slice(0, Math.max(1, end));
});

/** As many of the names as fit one answer. The others are told in answers of their own. */
function firstNames(names: readonly string[]): readonly string[] {
  let bytes = 0;
  const end = names.findIndex((name) => {
    bytes += Buffer.byteLength(name) + surroundingName;
    return bytes > mostNameBytes;
  });
  return end < 0 ? names : names.slice(0, end);
}

/** A tag, and the length. */
const surroundingName = 4;

function isFull({ identity, repliedTo }: StreamState, { type, pending }: Subscription, now: number): boolean {
  const most = mostPending[type];
  if (type !== 'clusters') return pending.length >= most;
  return pending.filter(({ nonce, sentAt }) => Number(nonce) > repliedTo && now - sentAt < identity.limits.warmMs).length >= most;
}

interface Comparison {
  /** What the client lacks and may have. */
  readonly changed: readonly Resource[];
  /** Names that it asked for and that do not exist. */
  readonly absent: readonly string[];
  /** Whether something must wait for its clusters. */
  readonly waiting: boolean;
}

/** What a search lets go may change nothing, as a route of a host that is known to be bad: then the next is tried at once. */
function compareAndTry(state: StreamState, snapshot: Snapshot, subscription: Subscription, now: number): Comparison {
  for (;;) {
    tryNext(subscription);
    const found = compare(state, snapshot, subscription, now);
    if (found.changed.length > 0 || found.waiting || !mayTryNext(subscription)) return found;
  }
}

/** Settles every name that needs no answer or must wait; those to be sent stay dirty until `record`. */
function compare(state: StreamState, snapshot: Snapshot, subscription: Subscription, now: number): Comparison {
  const { held, retired, pins, type } = subscription;
  if (!subscription.isAllDirty) return compareDirty(state, snapshot, subscription, now);
  const wants = wanted(subscription, snapshot);
  held.settle(wants);
  const { lacking, unwanted } = difference(held, wants);
  const leaving = type === 'endpoints' ? [...state.leaving.keys()] : [];
  const isPlain =
    unwanted.length + retired.size + pins.size + leaving.length === 0 && type !== 'listeners' && type !== 'routes' && !state.refusals.hasAny(type);
  // What is lacking stays to be compared until it is recorded, all at once, in a list that other streams share.
  if (isPlain && lacking.length > 0) return { changed: lacking, absent: absentOf(state, subscription, snapshot), waiting: false };
  subscription.isAllDirty = false;
  for (const names of [lacking.map(({ name }) => name), unwanted, retired.keys(), pins.keys(), leaving]) for (const name of names) subscription.dirty.add(name);
  return compareDirty(state, snapshot, subscription, now);
}

function compareDirty(state: StreamState, snapshot: Snapshot, subscription: Subscription, now: number): Comparison {
  const { dirty, held, retired, mended, waitingPieces, type } = subscription;
  const changed: Resource[] = [];
  let waiting = false;
  for (const name of dirty) {
    const has = held.get(name);
    const wanted = wants(subscription, name) ? (snapshot.resources[type].get(name) ?? lastOf(state, type, name)) : undefined;
    if (!wanted) {
      dirty.delete(name);
      dropPin(state, subscription, name);
      for (const known of [mended, waitingPieces]) known.delete(name);
      if (has && !retired.has(name)) retired.set(name, undefined);
      continue;
    }
    retired.delete(name);
    const offered = offerFor(state, subscription, wanted);
    if (!offered || !isWhole(offered) || has?.version === offered.version) dirty.delete(name);
    else if (mayBeSent(state, offered, now)) changed.push(offered);
    else waiting = true;
  }
  return { changed, absent: absentOf(state, subscription, snapshot), waiting };
}

/** What stands in for endpoints that are gone; undefined: nothing need do so. */
function lastOf({ leaving, subscriptions: { clusters } }: StreamState, type: ResourceType, name: string): Resource | undefined {
  return type === 'endpoints' && clusters.held.has(name) ? leaving.get(name) : undefined;
}

/** One trial at a time. */
function mayTryNext({ search, pending }: Subscription): boolean {
  return search.waiting.length > 0 && !pending.some(({ nonce }) => nonce === search.trial);
}

/** What a search is to try next is no longer held back. */
function tryNext(subscription: Subscription): void {
  const { search } = subscription;
  if (!mayTryNext(subscription)) return;
  let isFound = false;
  while (!isFound && search.waiting.length > 0) for (const suspect of search.waiting.pop() ?? []) if (letGo(subscription, suspect)) isFound = true;
}

/** @returns false: it does not wait any more, as it changed meanwhile. */
function letGo({ pins, waitingPieces, dirty }: Subscription, { name, piece }: Suspect): boolean {
  const pieces = waitingPieces.get(name);
  if (piece === undefined ? pins.get(name)?.state !== 'waiting' : !pieces?.has(piece)) return false;
  if (piece === undefined) pins.delete(name);
  else pieces?.delete(piece);
  if (pieces?.size === 0) waitingPieces.delete(name);
  dirty.add(name);
  return true;
}

/** Names that were asked for, that do not exist, and that the client does not have. */
function absentOf({ leaving }: StreamState, subscription: Subscription, { resources }: Snapshot): readonly string[] {
  const { asked, type, held, names } = subscription;
  if (asked.length === 0) return noNames;
  const isLeaving = (name: string): boolean => type === 'endpoints' && leaving.has(name);
  return asked.flatMap((list) => missing(list, resources[type]).filter((name) => names.has(name) && !held.has(name) && !isLeaving(name)));
}

/** The client will have these resources. */
function record(state: StreamState, snapshot: Snapshot, subscription: Subscription, sent: readonly Resource[], nonce: string, now: number): void {
  const { type, held, dirty } = subscription;
  if (type === 'clusters') startWarming(state, nonce, byName(newIn(held, sent)), now);
  if (sent.length > many) held.setAll(byName(sent));
  else for (const resource of sent) held.set(resource.name, resource);
  if (dirty.size > 0) for (const { name } of sent) dirty.delete(name);
  held.settle(snapshot.resources[type]);
  if (type === 'clusters') announce(state, snapshot, sent);
  // What stood in once goes with its cluster.
  if (type === 'endpoints' && state.leaving.size > 0) for (const { name } of sent) if (state.leaving.delete(name)) dirty.add(name);
}

/** Those of a list that the client does not have; the list itself where that is all. */
function newIn(held: HeldSet, sent: readonly Resource[]): readonly Resource[] {
  if (held.size === 0) return sent;
  return held.base ? newInMap(held.base, sent) : sent.filter(({ name }) => !held.has(name));
}

const newInMap = memoizedByBoth((held: ReadonlyMap<string, unknown>, sent: readonly Resource[]): readonly Resource[] =>
  sent.filter(({ name }) => !held.has(name)),
);

/**
 * Envoy asks for the endpoints of a cluster that it is sent, or waits for them for 15 s though it has them: whatever it had of
 * them, it lacks them now.
 */
export function announce(state: StreamState, snapshot: Snapshot, clusters: readonly Resource[]): void {
  const { endpoints } = state.subscriptions;
  if (!endpoints.requested) {
    state.announced.setAll(byName(clusters));
    return;
  }
  const again = existing(clusters, snapshot.resources.endpoints);
  if (endpoints.held.size > 0) {
    if (again.size > many) endpoints.held.deleteAll(again);
    else for (const name of again.keys()) endpoints.held.delete(name);
  }
  if (again.size > many) markAll(endpoints);
  else for (const name of again.keys()) if (wants(endpoints, name)) endpoints.dirty.add(name);
}

/** Those endpoints that belong to clusters of a list. */
const existing = memoizedByBoth(
  (clusters: readonly Resource[], endpoints: ResourceMap): ResourceMap =>
    new Map(
      clusters.flatMap(({ name }) => {
        const found = endpoints.get(name);
        return found ? [[name, found]] : [];
      }),
    ),
);

function remove(state: StreamState, subscription: Subscription, name: string): void {
  subscription.held.delete(name);
  subscription.retired.delete(name);
  dropPin(state, subscription, name);
  for (const known of [subscription.mended, subscription.waitingPieces]) known.delete(name);
  if (subscription.type !== 'clusters') return;
  warmed(state, name);
  state.leaving.delete(name);
}
