import type { Origin } from '../../diagnostic.ts';
import type { ResourceType } from '../../resource.ts';

/**
 * How far a node is with one type: everything acknowledged; an answer under way, or still to come; an answer held back by Envoy because a
 * cluster of it still warms (see envoy-facts on the CDS ACK); refused; or never asked for.
 */
export type TypeState = 'ACKED' | 'PENDING' | 'WARMING' | 'NACKED' | 'UNREQUESTED';

/** A refusal by Envoy. */
export interface Nack {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: ResourceType;
  /** Envoy's own words. */
  readonly message: string;
  /** The resources that its words name, or all of the refused answer where they name none, each with its origins. */
  readonly resources: readonly {
    readonly name: string;
    readonly version: string;
    readonly origins: readonly Origin[];
    /** The part of it that is refused, in words, where all else of it goes on: `route NAME of CONFIGURATION`. */
    readonly piece?: string;
  }[];
  /** Whether it is still tried out which of them is refused. */
  readonly isSearching: boolean;
}

export interface TypeStatus {
  readonly state: TypeState;
  /** `*` for all resources of the type, else how many are asked for by name. */
  readonly subscribed: '*' | number;
  /** How many resources were sent and acknowledged. */
  readonly acked: number;
  /** Milliseconds from the oldest unacknowledged answer until now; 0 where there is none. */
  readonly lagMs: number;
}

/** Whose stream it is, from its first message to its end. */
export interface NodeIdentity {
  readonly id: string;
  /** `node.cluster`. */
  readonly group: string;
  /** `envoy 1.40.0`, or what the client says of itself; `unknown` where it says nothing. */
  readonly agent: string;
  readonly protocol: 'delta' | 'sotw';
  /** Type of a single-type stream; undefined for ADS. */
  readonly only?: ResourceType;
  readonly peer: string;
  readonly connectedAt: number;
}

/** One stream of one Envoy. */
export interface NodeStatus extends NodeIdentity {
  /** Undefined: it waits. Then `reason` says for what. */
  readonly revisionWanted?: string;
  /**
   * The newest revision of which the node acknowledged everything that it should hold: routes and secrets that its listeners and
   * clusters refer to count though it did not ask for them yet. Not `revisionWanted` while anything of that is refused.
   */
  readonly revisionAcked?: string;
  /** Why the stream is not answered: `group GROUP does not exist`, `waiting for sources`. */
  readonly reason?: string;
  readonly types: Readonly<Partial<Record<ResourceType, TypeStatus>>>;
  /** Milliseconds since the oldest change, of endpoints that it has in an older form, that it has not acknowledged. Undefined: none. */
  readonly endpointsBehindMs?: number;
  /** Kept until the resource that was refused changes. */
  readonly lastNack?: Nack;
}

/** What happens on the streams, for metrics and logs. All calls are synchronous and cheap. */
export interface AdsObserver {
  streamOpened(node: NodeIdentity): void;
  streamClosed(node: NodeIdentity, reason: string): void;
  /** An answer was written. */
  pushed(node: NodeIdentity, push: { readonly type: ResourceType; readonly resources: number; readonly removed: number; readonly bytes: number }): void;
  /**
   * An answer was acknowledged `afterMs` after it was written, and `event.agoMs` after the oldest change in it happened, by a clock
   * that never jumps, with the time that it waited behind an answer without ACK. The latter is told of changed endpoints, not of
   * first answers; `event.at` is the same on all streams.
   */
  acked(
    node: NodeIdentity,
    ack: { readonly type: ResourceType; readonly afterMs: number; readonly event?: { readonly at: number; readonly agoMs: number } },
  ): void;
  nacked(node: NodeIdentity, nack: Nack): void;
  /** The server ended a stream for a reason of the client's. @param code name of the gRPC status: `PERMISSION_DENIED`. */
  streamRefused(code: string): void;
  /** A connection did not get as far as a stream: a TLS handshake that failed, or a limit. */
  connectionRefused(reason: 'handshake' | 'limit'): void;
}
