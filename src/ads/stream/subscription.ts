import type { Resource, ResourceMap, ResourceType, Snapshot } from '../../resource.ts';
import { byName, createHeldSet, type Held, type HeldSet } from './held.ts';
import { many } from './long-lists.ts';
import { createNameSet, type NameSet, noNames, restricted } from './names.ts';
import { RareMap } from './rare-map.ts';
import { createSearch, type Search } from './search.ts';

/** An answer that the client has neither acknowledged nor refused yet. */
export interface PendingAnswer {
  readonly nonce: string;
  readonly sentAt: number;
  /** When the oldest change in it was published; undefined where it only answers a question. Known of endpoints. */
  readonly changedAt: number | undefined;
  /** What was new or different in it. Many streams send the same list. */
  readonly sent: readonly Resource[];
  /** What the client had before. */
  readonly before: HeldSet;
  /** What it removes, by name. Undefined: nothing. */
  readonly removed?: ReadonlyMap<string, Held>;
  /** Names that were refused in an earlier list while this one, which holds them too, was under way. */
  refusedBefore?: readonly string[];
}

/** Nothing waits for a reply: the same list on all streams, as nearly all of them are so nearly all of the time. */
export const noAnswers: readonly PendingAnswer[] = [];

/** What was new or different in an answer, with what the client had before under that name. */
export type Changes = ReadonlyMap<string, { readonly sent: Resource; readonly before: Held | undefined }>;

/** Lays out an answer by name. Costs as much as the answer is long: for refusals, not for every ACK. */
export function changesOf({ sent, before }: PendingAnswer): Changes {
  return new Map(sent.map((resource) => [resource.name, { sent: resource, before: before.get(resource.name) }]));
}

/** Whether a resource of this name was new or different in an answer. */
export function hasSent({ sent }: PendingAnswer, name: string): boolean {
  return sent.length < many ? sent.some((resource) => resource.name === name) : byName(sent).has(name);
}

/** Stands in for a version of a resource that the client refused, or that may be what it refused. */
export interface Pin {
  /** The version that is held back; the pin falls when another one is wanted. */
  readonly refused: string;
  /** What the client keeps instead; undefined: nothing, as it never had one. */
  readonly good: Held | undefined;
  /** `waiting`: in a refused answer with others, and to be tried again in a smaller one. */
  readonly state: 'waiting' | 'refused';
}

/** What a client asks for of one type and how far it is. Both protocols keep the same state and differ only in how they speak. */
export interface Subscription {
  readonly type: ResourceType;
  /** Whether it ever asked on this stream. */
  requested: boolean;
  /** Whether it is served unasked, and has said nothing of the type yet. */
  isAssumed: boolean;
  /** All resources of the type. */
  wildcard: boolean;
  /** Whether it ever asked by name: then an empty list no longer means everything. */
  explicit: boolean;
  readonly names: NameSet;
  /** The list that `names` was read from, in state of the world. */
  listed: readonly string[];
  readonly held: HeldSet;
  /** Names to be compared with the snapshot: whatever may differ, nothing else. */
  readonly dirty: Set<string>;
  /** Whether everything is to be compared. Then `dirty` says nothing. */
  isAllDirty: boolean;
  /** Lists of names that were asked for and not compared yet: of those that do not exist, a client of delta is told so. */
  asked: readonly (readonly string[])[];
  /** Whether the next answer goes out even where it is empty: a first question for everything must be answered. */
  owed: boolean;
  /** When the oldest change that was not sent yet was published, of what the client has. Known of endpoints. */
  changedAt: number | undefined;
  /** Oldest first. */
  pending: readonly PendingAnswer[];
  /** Nonce of the newest answer, `''` before the first. */
  lastNonce: string;
  /** Whether any answer was ever acknowledged or refused. */
  replied: boolean;
  readonly pins: RareMap<Pin>;
  /** Of route configurations: versions of the pieces that wait to be tried, by name and key of the piece. Never empty inside. */
  readonly waitingPieces: RareMap<Map<string, string>>;
  /** Route configurations that the client has, or shall have, with pieces replaced: the version that this is made of. */
  readonly mended: RareMap<string>;
  readonly search: Search;
  /** What the client has and the snapshot no longer wants: when it may go, undefined while something may still need it. */
  readonly retired: RareMap<number | undefined>;
}

/** No list of names was asked for. */
export const noLists: readonly (readonly string[])[] = [];

/** A type that was not asked for yet. */
export function createSubscription(type: ResourceType): Subscription {
  return {
    type,
    requested: false,
    isAssumed: false,
    wildcard: false,
    explicit: false,
    names: createNameSet(),
    listed: noNames,
    held: createHeldSet(),
    dirty: new Set(),
    isAllDirty: false,
    asked: noLists,
    owed: false,
    changedAt: undefined,
    pending: noAnswers,
    lastNonce: '',
    replied: false,
    pins: new RareMap(),
    waitingPieces: new RareMap(),
    mended: new RareMap(),
    search: createSearch(),
    retired: new RareMap(),
  };
}

/** Whether the client wants the resource of this name. */
export function wants(subscription: Subscription, name: string): boolean {
  return subscription.requested && (subscription.wildcard || subscription.names.has(name));
}

/**
 * Whether there is nothing to say of a type, and nothing to be looked at: what a type of a stream is nearly always, as a change
 * concerns one type and its ACK none.
 * @param removing whether what is no longer wanted is to be looked at.
 */
export function isAtRest({ dirty, isAllDirty, asked, owed, search, retired }: Subscription, removing: boolean): boolean {
  return dirty.size === 0 && !isAllDirty && !owed && asked.length === 0 && search.waiting.length === 0 && !(removing && retired.size > 0);
}

/** What the client is meant to have of the type. */
export function wanted(subscription: Subscription, snapshot: Snapshot): ResourceMap {
  const resources = snapshot.resources[subscription.type];
  return subscription.wildcard ? resources : restricted(resources, subscription.names);
}

/** Names that may differ from the snapshot from now on. */
export function mark(subscription: Subscription, names: readonly string[]): void {
  if (names.length > many) markAll(subscription);
  else for (const name of names) subscription.dirty.add(name);
}

/** Anything may differ from the snapshot from now on. */
export function markAll(subscription: Subscription): void {
  subscription.isAllDirty = true;
  subscription.dirty.clear();
}

/** Whether nothing is left to be compared with the snapshot. */
export function isCompared({ dirty, isAllDirty }: Subscription): boolean {
  return dirty.size === 0 && !isAllDirty;
}

/** Whether the client goes on with something older than it shall have, as it refused that or may refuse it. */
export function holdsBack({ pins, mended }: Subscription): boolean {
  return pins.size + mended.size > 0;
}

/** Whether it does under this name. */
export function isHeldBack({ pins, mended }: Subscription, name: string): boolean {
  return pins.has(name) || mended.has(name);
}

/** The client no longer asks for a name: whatever is known of it goes. */
export function forget(subscription: Subscription, name: string): void {
  subscription.names.delete(name);
  if (subscription.wildcard) return;
  subscription.held.delete(name);
  const { dirty, pins, retired, waitingPieces, mended } = subscription;
  for (const known of [dirty, pins, retired, waitingPieces, mended]) known.delete(name);
}

/**
 * Types of which a first request without names means all, for old times' sake.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export const knowsWildcard = (type: ResourceType): boolean => type === 'clusters' || type === 'listeners';
