import { defaultClientLimits } from '../../client-limits.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot } from '../../resource.ts';
import { createKnownRefusals, type KnownRefusals } from '../refusal/refusals.ts';
import { createNameSet, type NameSet } from './names.ts';
import type { Unbound } from './place.ts';
import { RareMap } from './rare-map.ts';
import type { Node } from './request.ts';
import type { Nack } from './status.ts';
import { createSubscription, type Subscription } from './subscription.ts';
import type { Warming } from './warming.ts';

/** Limits of a stream; times are in milliseconds. */
export interface StreamLimits {
  /** From the ACK of the new routes until clusters, endpoints and secrets that nothing uses any more are removed. */
  readonly drainMs: number;
  /**
   * How long routes wait for the ACK of the clusters they need; they are sent all the same then. Above the 15 s after which
   * Envoy itself gives up on endpoints that do not come.
   */
  readonly warmMs: number;
  /**
   * How long a client may leave an answer without ACK or NACK before its stream is ended; clusters may take longer, as they
   * warm. Also how long it may read nothing of what it was sent.
   */
  readonly replyMs: number;
  /** Names that a client may ask for of one type. */
  readonly names: number;
}

export const defaultStreamLimits: StreamLimits = { drainMs: 5_000, warmMs: 20_000, replyMs: 60_000, names: defaultClientLimits.names };

/** What a stream is, from the moment it is opened. */
export interface StreamIdentity {
  readonly protocol: 'sotw' | 'delta';
  /** Type of a single-type stream; undefined for ADS. */
  readonly only?: ResourceType;
  /** Address of the client. */
  readonly peer: string;
  /** By the clock of the steps. */
  readonly connectedAt: number;
  readonly limits: StreamLimits;
  /** What clients of the same version refused. Undefined: only what this one refuses is known. */
  readonly refusalsOf?: (group: string, agent: string) => KnownRefusals;
}

/** Everything that is known of one stream. Only the steps of `stream.ts` change it. */
export interface StreamState {
  readonly identity: StreamIdentity;
  readonly subscriptions: Readonly<Record<ResourceType, Subscription>>;
  /** Undefined until the first message. */
  node: Node | undefined;
  /** What the client is meant to have. Undefined: the stream waits, unanswered. */
  snapshot: Snapshot | undefined;
  /** Clusters that the client did not have and has not acknowledged, oldest first. */
  warming: readonly Warming[];
  /** When clusters that warm slowly are sent though quick ones have no ACK yet; undefined: none wait for that. */
  slowAt: number | undefined;
  /** Clusters that were sent before the client asked for endpoints: it wants theirs anew, whatever it says it has of them. */
  announced: NameSet;
  /** Endpoints that are gone, by name, of clusters that the client has and waits to be sent the endpoints of. */
  readonly leaving: RareMap<Resource>;
  /** The newest answer of clusters, by its nonce, of which endpoints were sent again as its ACK was late. */
  remindedOf: number;
  /** The newest answer of any type, by its nonce, that the client said something to: it has read all before. */
  repliedTo: number;
  /** Whether it is an aggregated client of state of the world that has clusters from an earlier stream. */
  returning: boolean;
  /** Whether nothing is going on but with endpoints. @see quiet.ts */
  isQuiet: boolean;
  /** When the last step was taken. */
  now: number;
  answers: number;
  revisionAcked: string | undefined;
  lastNack: Nack | undefined;
  /** Listeners that could not bind their addresses, by name. */
  readonly unbound: RareMap<Unbound>;
  /** What clients of this version refuse of this group. */
  refusals: KnownRefusals;
  /** Type URLs that we do not serve and that were mentioned once. */
  readonly foreignTypes: Set<string>;
}

/** A stream that has not said anything yet. */
export function createStreamState(identity: StreamIdentity): StreamState {
  return {
    identity,
    subscriptions: Object.fromEntries(resourceTypes.map((type) => [type, createSubscription(type)])) as Record<ResourceType, Subscription>,
    node: undefined,
    snapshot: undefined,
    warming: [],
    slowAt: undefined,
    announced: createNameSet(),
    leaving: new RareMap(),
    remindedOf: 0,
    repliedTo: 0,
    returning: false,
    isQuiet: false,
    now: identity.connectedAt,
    answers: 0,
    revisionAcked: undefined,
    lastNack: undefined,
    unbound: new RareMap(),
    refusals: createKnownRefusals(),
    foreignTypes: new Set(),
  };
}
