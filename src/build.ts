import type { Diagnostic } from './diagnostic.ts';
import type { Backend } from './ir/backend.ts';
import type { Group } from './ir/gateway.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from './resource.ts';
import { consistent, revisionOf } from './revision/revision.ts';
import type { Settings } from './settings.ts';
import type { StoreView } from './store/view.ts';
import { endpointSet } from './translate/endpoints.ts';
import { translate } from './translate/translate.ts';
import { endpointResource } from './xds/endpoint.ts';
import { groupResources } from './xds/group.ts';

/** What a state of objects means for every group. */
export interface Build {
  /** The representation, by group name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** What each group is served. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Objects in, resources of every group and diagnostics out: the whole way, pure. The server, the offline commands and the
 * tests share it.
 * @throws {Error} only for a bug of ours; the caller keeps what it had.
 */
export function build(view: StoreView, settings: Settings): Build {
  const diagnostics: Diagnostic[] = [];
  const translated = translate(view, settings);
  diagnostics.push(...translated.diagnostics);
  const snapshots = new Map<string, Snapshot>();
  for (const group of translated.groups.values()) {
    const resources = [...groupResources(group)];
    for (const backend of group.backends) {
      const assignment = endpointsOf(view, backend, (found) => diagnostics.push(found));
      if (assignment) resources.push(assignment);
    }
    snapshots.set(group.name, snapshotOf(group.name, resources));
  }
  return { groups: translated.groups, snapshots, diagnostics };
}
