/** Who a client says it is, from the first message of a stream. */
export interface Node {
  readonly id: string;
  /** `node.cluster`: the group whose resources it asks for. */
  readonly group: string;
  /** Program and version, `unknown` where it says nothing. */
  readonly agent: string;
}

interface RequestHead {
  /** Undefined after the first message, or where the client does not name itself. */
  readonly node?: Node;
  /** `''` is allowed on the stream of a single type. */
  readonly typeUrl: string;
  /** Nonce of the answer that is acknowledged or refused; `''` where none is. */
  readonly nonce: string;
  /** The client's words where it refuses the answer of `nonce`. */
  readonly error?: string;
}

/** A `DiscoveryRequest`: names everything that is asked for, each time. */
export interface SotwRequest extends RequestHead {
  readonly protocol: 'sotw';
  /** Version of what the client has of the type, also from an earlier stream; undefined where it has nothing. */
  readonly version?: string;
  readonly names: readonly string[];
}

/** A `DeltaDiscoveryRequest`: names what is asked for from now on or no longer. */
export interface DeltaRequest extends RequestHead {
  readonly protocol: 'delta';
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** What the client already has, name to version, told with the first request of a type. */
  readonly initialVersions: Readonly<Record<string, string>>;
}

/** @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol */
export type XdsRequest = SotwRequest | DeltaRequest;
