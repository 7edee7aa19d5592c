import { hash } from 'node:crypto';
import type { Origin } from './diagnostic.ts';
import type { MessageName } from './proto/message.ts';

/** The five kinds of resource, by the words of the command line. */
export const typeUrls = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  secrets: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
} as const;

export type ResourceType = keyof typeof typeUrls;

/** Dotted name of the message behind a type of resource: `envoy.config.cluster.v3.Cluster`. */
export type MessageNameOf<Type extends ResourceType> = (typeof typeUrls)[Type] extends `type.googleapis.com/${infer Name extends MessageName}` ? Name : never;

/** The name of a type's message, which its type URL ends in. */
export function messageNameOf<Type extends ResourceType>(type: Type): MessageNameOf<Type> {
  return typeUrls[type].slice('type.googleapis.com/'.length) as MessageNameOf<Type>;
}

/** In the order of make before break: whatever is referred to comes before what refers to it. */
export const resourceTypes = ['secrets', 'clusters', 'endpoints', 'listeners', 'routes'] as const satisfies readonly ResourceType[];

/** One xDS resource, encoded. Two resources of the same version are the same object wherever that is cheap to have. */
export interface Resource {
  readonly type: ResourceType;
  readonly name: string;
  /**
   * Hash of the bytes, or of a route configuration of those of its parts: equal on every replica and after every restart. One secret has another one, see
   * `secretResource`.
   */
  readonly version: string;
  /** The message in protobuf encoding, without the surrounding Any. */
  readonly bytes: Uint8Array;
  /** The objects that shaped it. */
  readonly origins: readonly Origin[];
}

/**
 * The version of encoded bytes: the start of their SHA-256, 64 bits as 16 hexadecimal characters. Equal content has equal versions on
 * every replica and after every restart (promise 5).
 */
export function versionOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'buffer').toString('hex', 0, 8);
}

/** Under this name an endpoint's metadata say what Sluice knows of it beside what Envoy asks for. */
export const endpointMetadata = 'gateway.sluice.dev';

/** Metadata of this name mark the share of a split that the others hang on: see `WeightedBackend.isMain`. */
export const mainShareMetadata = 'gateway.sluice.dev/main';

export type ResourceMap = ReadonlyMap<string, Resource>;

/** What one group is served at one moment. Immutable: a change makes a new one, sharing the maps that did not change. */
export interface Snapshot {
  readonly group: string;
  /** Hash of everything but the endpoints: the name of the revision. */
  readonly revision: string;
  readonly resources: Readonly<Record<ResourceType, ResourceMap>>;
}

/** What differs between two snapshots of a group: the names of resources that are new, changed or gone, by type. */
export type SnapshotChange = Readonly<Partial<Record<ResourceType, readonly string[]>>>;
