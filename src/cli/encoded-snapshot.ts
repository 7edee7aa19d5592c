import type { EncodedSnapshotAnswer } from '../admin/api/encoded.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';

/** A snapshot as the API gave it; secrets have no bytes. */
export function snapshotOf({ group, revision, resources }: EncodedSnapshotAnswer): Snapshot {
  const all = resources.map(({ bytes = '', ...rest }): Resource => ({ ...rest, bytes: Buffer.from(bytes, 'base64') }));
  const byType = (type: ResourceType): ResourceMap => new Map(all.filter((one) => one.type === type).map((one) => [one.name, one]));
  return { group, revision, resources: Object.fromEntries(resourceTypes.map((type) => [type, byType(type)])) as Record<ResourceType, ResourceMap> };
}
