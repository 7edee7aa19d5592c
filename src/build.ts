import type { Diagnostic, Origin } from './diagnostic.ts';
import type { Group } from './ir/gateway.ts';
import { unresolvedCluster } from './ir/names.ts';
import { originsInTable } from './ir/table-origins.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from './resource.ts';
import { examine } from './revision/check.ts';
import { quarantined } from './revision/quarantine.ts';
import { revisionOf } from './revision/revision.ts';
import type { Settings } from './settings.ts';
import type { Moment } from './store/changes.ts';
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
    const candidate = yield* snapshotOf(view, group);
    for (const type of resourceTypes) yield* examine(candidate.resources[type].values());
    const { snapshot, diagnostics: found } = quarantined(candidate, served(group.name), { undefinedClusters, originsOf });
    snapshots.set(group.name, snapshot);
    refused.push(...found);
    yield;
  }
  return { groups, snapshots, diagnostics: [...diagnostics, ...refused], moment, attachedRoutes };
}

/** Routes whose backend cannot be resolved name it, to be answered with an error. */
const undefinedClusters: ReadonlySet<string> = new Set([unresolvedCluster]);

function* snapshotOf(view: StoreView, group: Group): Work<Snapshot> {
  const all = [...(yield* groupResources(group))];
  const encode = endpointEncoder(group.name);
  for (const backend of group.backends) {
    const set = endpointSet(view, backend);
    if (set) all.push(encode(set));
    yield;
  }
  const resources = Object.fromEntries(resourceTypes.map((type) => [type, byName(all, type)])) as Record<ResourceType, ResourceMap>;
  yield;
  return { group: group.name, revision: revisionOf(resources), resources };
}

function byName(resources: readonly Resource[], type: ResourceType): ResourceMap {
  return new Map(resources.filter((resource) => resource.type === type).map((resource) => [resource.name, resource]));
}
