import type { Resource, ResourceType } from '../../resource.ts';

/** One message to a client, before it is encoded. */
export interface Answer {
  readonly protocol: 'sotw' | 'delta';
  readonly type: ResourceType;
  /** Unique on its stream. */
  readonly nonce: string;
  /** Of the whole set that the client has of the type after this answer: equal sets have equal versions. */
  readonly version: string;
  readonly resources: readonly Resource[];
  /** Names, in delta only: state of the world removes by leaving out. */
  readonly removed: readonly string[];
}
