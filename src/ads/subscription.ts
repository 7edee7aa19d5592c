import type { Resource, ResourceType } from '../resource.ts';
import { createHeldSet, type Held, type HeldSet } from './held.ts';

/** An answer that the client has neither acknowledged nor refused yet. */
export interface PendingAnswer {
  readonly nonce: string;
  readonly sentAt: number;
  /** When the oldest change in it was published; undefined where it only answers a question. Known of endpoints. */
  readonly changedAt: number | undefined;
  /** What was new or different in it, with what the client had before under that name. */
  readonly changed: ReadonlyMap<string, { readonly sent: Resource; readonly before: Held | undefined }>;
}

/** Stands in for a version that the client refused. */
export interface Pin {
  /** The version that was refused; the pin falls when another one is wanted. */
  readonly refused: string;
  /** What the client keeps instead; undefined: nothing, as it never had one. */
  readonly good: Held | undefined;
  /** Names that were refused at once without the client saying which is bad; the name itself is one of them. */
  readonly together: readonly string[];
}

/** What a client asks for of one type and how far it is. Both protocols keep the same state and differ only in how they speak. */
export interface Subscription {
  readonly type: ResourceType;
  /** Whether it ever asked on this stream. */
  requested: boolean;
  /** All resources of the type. */
  wildcard: boolean;
  /** Whether it ever asked by name: then an empty list no longer means everything. */
  explicit: boolean;
  readonly names: Set<string>;
  readonly held: HeldSet;
  /** Names to be compared with the snapshot: whatever may differ, nothing else. */
  readonly dirty: Set<string>;
  /** Names to be sent even where the client has these bytes. */
  readonly forced: Set<string>;
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
  readonly pins: Map<string, Pin>;
  /** What the client has and the snapshot no longer wants: when it may go, undefined while something may still need it. */
  readonly retired: Map<string, number | undefined>;
}

/** A type that was not asked for yet. */
export function createSubscription(type: ResourceType): Subscription {
  return {
    type,
    requested: false,
    wildcard: false,
    explicit: false,
    names: new Set(),
    held: createHeldSet(),
    dirty: new Set(),
    forced: new Set(),
    owed: false,
    changedAt: undefined,
    pending: [],
    lastNonce: '',
    replied: false,
    pins: new Map(),
    retired: new Map(),
  };
}

/** Whether the client wants the resource of this name. */
export function wants(subscription: Subscription, name: string): boolean {
  return subscription.requested && (subscription.wildcard || subscription.names.has(name));
}

/** The client no longer asks for a name: whatever is known of it goes. */
export function forget(subscription: Subscription, name: string): void {
  subscription.names.delete(name);
  if (subscription.wildcard) return;
  subscription.held.delete(name);
  for (const known of [subscription.dirty, subscription.forced, subscription.pins, subscription.retired]) known.delete(name);
}

/**
 * Types of which a first request without names means all, for old times' sake.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 */
export const knowsWildcard = (type: ResourceType): boolean => type === 'clusters' || type === 'listeners';
