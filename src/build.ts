import type { Diagnostic, Origin } from './diagnostic.ts';
import type { Group } from './ir/gateway.ts';
import { undefinedClusters } from './ir/names.ts';
import { originsInTable } from './ir/table-origins.ts';
import { createSlot } from './memo/slot.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from './resource.ts';
import { examine } from './revision/check.ts';
import { quarantined } from './revision/quarantine.ts';
import { revisionOf } from './revision/revision.ts';
import type { Settings } from './settings.ts';
import type { Moment } from './store/changes.ts';
import type { Stored } from './store/stored.ts';
import type { StoreView } from './store/view.ts';
import type { AttachedRoutes } from './translate/attachment.ts';
import { endpointSet } from './translate/endpoints.ts';
import type { AuthzAccess } from './translate/ingress/authz.ts';
import type { OwnCertificate } from './translate/ingress/default-certificate.ts';
import { translation } from './translate/translate.ts';
import { done, type Work } from './work.ts';
import { endpointEncoder, groupResources } from './xds/group.ts';

/** What a state of objects means for every group. */
export interface Build {
  /** The representation, by group name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** What each group may be served: nothing that Envoy is known to refuse. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly diagnostics: readonly Diagnostic[];
  /** For the next build, to tell what changed since. */
  readonly moment: Moment;
  readonly attachedRoutes: AttachedRoutes;
}

export interface BuildOptions {
  /** What was built before, with the same settings: what did not change since costs nearly nothing. Undefined: nothing was. */
  readonly before?: Build | undefined;
  /** Names of groups that are made only for those who ask for them: those of gRPC clients. Undefined: none. */
  readonly asked?: Iterable<string>;
  /** What a group is served now, for the last good form of what Envoy would refuse. Undefined: nothing is. */
  readonly served?: (group: string) => Snapshot | undefined;
  /** What keys of sessions are made of where a namespace has none of its own. Undefined: nothing that is secret, for what is only shown. */
  readonly sessionSeed?: string;
  /** What HTTPS of Ingresses has where nobody names a certificate. Undefined: nothing that is secret, for what is only shown. */
  readonly ownCertificate?: OwnCertificate;
  /** Who checks passwords for the Envoys. Undefined: nobody can be reached, for what is only shown. */
  readonly authz?: AuthzAccess;
}

/**
 * Objects in, the resources of every group and diagnostics out: the whole way, pure. The server, the offline commands and
 * the tests share it.
 * @throws {Error} only for a bug of ours; the caller keeps what it had.
 */
export function build(view: StoreView, settings: Settings, options: BuildOptions = {}): Build {
  return done(building(view, settings, options));
}

/** The same in short turns. @param view must not change meanwhile. */
export function* building(view: StoreView, settings: Settings, { before, asked = [], served = () => undefined, ...own }: BuildOptions): Work<Build> {
  const { groups, diagnostics, moment, attachedRoutes } = yield* translation(view, settings, asked, { ...own, since: before?.moment });
  const snapshots = new Map<string, Snapshot>();
  const refused: Diagnostic[] = [];
  for (const group of groups.values()) {
    const originsOf = (configuration: string, virtualHost: string, route: string | undefined): readonly Origin[] =>
      originsInTable(group, configuration, virtualHost, route);
    const candidate = yield* snapshotOf(view, group, before?.snapshots.get(group.name));
    for (const type of resourceTypes) yield* examine(candidate.resources[type]);
    const { snapshot, diagnostics: found } = quarantined(candidate, served(group.name), { undefinedClusters, originsOf });
    snapshots.set(group.name, snapshot);
    refused.push(...found);
    yield;
  }
  return { groups, snapshots, diagnostics: [...diagnostics, ...refused], moment, attachedRoutes };
}

/** @param before undefined: there was none. */
function* snapshotOf(view: StoreView, group: Group, before: Snapshot | undefined): Work<Snapshot> {
  const { endpoints = [], ...made } = yield* groupResources(group);
  const assignments = yield* assignmentsOf(view, group);
  const lists = { ...made, endpoints: endpoints.length === 0 ? assignments : [...endpoints, ...assignments] };
  const maps = resourceTypes.map((type) => [type, mapOf(lists[type] ?? [], before?.resources[type])] as const);
  const resources = Object.fromEntries(maps) as Record<ResourceType, ResourceMap>;
  yield;
  return { group: group.name, revision: revisionOf(resources), resources };
}

/** The assignments of the backends of a group. */
interface Assignments {
  readonly group: string;
  /** The objects that they were made of. */
  readonly from: readonly (readonly Stored[])[];
  readonly resources: readonly Resource[];
}

/** By the list of backends, which is the same in the next build where all of them are. */
const knownAssignments = createSlot<Group['backends'], Assignments>();

function* assignmentsOf(view: StoreView, { name, backends }: Group): Work<readonly Resource[]> {
  const from = [view.list('EndpointSlice'), view.list('Backend')];
  const known = knownAssignments.get(backends);
  if (known?.group === name && known.from.every((list, index) => list === from[index])) return known.resources;
  const encode = endpointEncoder(name);
  const resources: Resource[] = [];
  for (const backend of backends) {
    const set = endpointSet(view, backend);
    if (set) resources.push(encode(set));
    yield;
  }
  knownAssignments.set(backends, { group: name, from, resources });
  return resources;
}

/** By the list, of which those of thousands are mostly the same in the next build. */
const maps = createSlot<readonly Resource[], ResourceMap>();

/** The resources by name: the same map as before where all of them are the same, so that nobody looks at them again. */
function mapOf(resources: readonly Resource[], before: ResourceMap | undefined): ResourceMap {
  const known = maps.get(resources);
  if (known) return known;
  const made = before && isSameList([...before.values()], resources) ? before : new Map(resources.map((resource) => [resource.name, resource]));
  maps.set(resources, made);
  return made;
}

/** Whether all are the very same; what was made of nothing that is written need only say the same. */
function isSameList(a: readonly Resource[], b: readonly Resource[]): boolean {
  return a.length === b.length && a.every((one, index) => Object.is(one, b[index]) || isSameOfOurs(one, b[index]));
}

function isSameOfOurs(a: Resource, b: Resource | undefined): boolean {
  return a.name === b?.name && a.version === b.version && a.origins.length === 0 && b.origins.length === 0;
}
