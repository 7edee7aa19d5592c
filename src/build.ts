import type { Diagnostic } from './diagnostic.ts';
import type { Group } from './ir/gateway.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from './resource.ts';
import { revisionOf } from './revision/revision.ts';
import type { Settings } from './settings.ts';
import type { StoreView } from './store/view.ts';
import { endpointSet } from './translate/endpoints.ts';
import { translate } from './translate/translate.ts';
import { endpointEncoder, groupResources } from './xds/group.ts';

/** What a state of objects means for every group. */
export interface Build {
  /** The representation, by group name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** What each group is served. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Objects in, the resources of every group and diagnostics out: the whole way, pure. The server, the offline commands and
 * the tests share it.
 * @param asked names of groups that are made only for those who ask for them: those of gRPC clients.
 * @throws {Error} only for a bug of ours; the caller keeps what it had.
 */
export function build(view: StoreView, settings: Settings, asked: Iterable<string> = []): Build {
  const { groups, diagnostics } = translate(view, settings, asked);
  const snapshots = new Map<string, Snapshot>();
  for (const group of groups.values()) snapshots.set(group.name, snapshotOf(view, group));
  return { groups, snapshots, diagnostics };
}

function snapshotOf(view: StoreView, group: Group): Snapshot {
  const sets = group.backends.map((backend) => endpointSet(view, backend)).filter((set) => set !== undefined);
  const all = [...groupResources(group), ...sets.map(endpointEncoder(group.name))];
  const resources = Object.fromEntries(resourceTypes.map((type) => [type, byName(all, type)])) as Record<ResourceType, ResourceMap>;
  return { group: group.name, revision: revisionOf(resources), resources };
}

function byName(resources: readonly Resource[], type: ResourceType): ResourceMap {
  return new Map(resources.filter((resource) => resource.type === type).map((resource) => [resource.name, resource]));
}
