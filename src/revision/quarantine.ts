import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { areGood, pathText, problems } from './check.ts';
import { consistent, type Inconsistency, inconsistencies, words } from './consistent.ts';
import { type MendedPiece, mendedTable } from './mended-table.ts';
import { clustersOfRoute } from './references.ts';
import { revisionOf } from './revision.ts';
import { type RoutePiece, routePieces, withPieces } from './route-pieces.ts';

/** What of a candidate may be served. */
export interface Quarantined {
  /** The candidate itself where nothing is wrong with it. */
  readonly snapshot: Snapshot;
  /** `ResourceInvalid`, at the objects that what was held back comes from. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface QuarantineOptions {
  /** Names that routes may use although no cluster has them, because a 5xx is what they are meant to give. */
  readonly undefinedClusters: ReadonlySet<string>;
  /** Where a piece of a route configuration comes from; nothing: unknown, then the origins of the route configuration are taken. */
  readonly originsOf: (configuration: string, virtualHost: string, route: string | undefined) => readonly Origin[];
}

/**
 * Promise 4 before sending: one bad object harms only itself. A resource that Envoy would refuse is replaced by the one of its
 * name that is served, where that is good, else left out; and so is what needs something that is not there. What a form that
 * stays needs is kept with it. Of a route configuration only the bad routes and virtual hosts are replaced, by their last good
 * form or by a 503 for what they would have taken. Pure: the same states give the same bytes, and so the same versions.
 * @param served what the group is served now; undefined: nothing.
 */
export function quarantined(candidate: Snapshot, served: Snapshot | undefined, options: QuarantineOptions): Quarantined {
  if (resourceTypes.every((type) => areGood(candidate.resources[type])) && consistent(candidate, options.undefinedClusters).length === 0) {
    return { snapshot: candidate, diagnostics: [] };
  }
  const work: Work = { kept: emptyMaps(), served, options, diagnostics: [], reverted: new Set() };
  let isChanged = false;
  for (const type of resourceTypes) {
    for (const [name, resource] of candidate.resources[type]) {
      const good = isGood(resource) ? resource : replacement(work, resource);
      if (good !== resource) isChanged = true;
      if (good) work.kept[type].set(name, good);
    }
  }
  while (resolveMissing(work)) isChanged = true;
  if (!isChanged) return { snapshot: candidate, diagnostics: [] };
  return { snapshot: { group: candidate.group, revision: revisionOf(work.kept), resources: work.kept }, diagnostics: distinct(work.diagnostics) };
}

interface Work {
  readonly kept: Record<ResourceType, Map<string, Resource>>;
  readonly served: Snapshot | undefined;
  readonly options: QuarantineOptions;
  readonly diagnostics: Diagnostic[];
  /** Resources that went back to their served form, or pieces of them, for what they need: never twice. */
  readonly reverted: Set<string>;
}

const emptyMaps = (): Record<ResourceType, Map<string, Resource>> =>
  Object.fromEntries(resourceTypes.map((type) => [type, new Map()])) as unknown as Record<ResourceType, Map<string, Resource>>;

const isGood = (resource: Resource): boolean => problems(resource).length === 0;

/** The form of that name which is served, where it is good. */
function lastGood({ served }: Work, type: ResourceType, name: string): Resource | undefined {
  const resource = served?.resources[type].get(name);
  return resource && isGood(resource) ? resource : undefined;
}

const remedy = 'Correct what the message names; if nothing of the kind stands in the object, it is a mistake of Sluice and worth a report.';

function replacement(work: Work, resource: Resource): Resource | undefined {
  const { type, name } = resource;
  const good = lastGood(work, type, name);
  const mended = type === 'routes' ? mendedTable(resource, good) : undefined;
  if (mended) {
    for (const piece of mended.pieces) reportPiece(work, resource, piece);
    return mended.table;
  }
  const [first] = problems(resource);
  const outcome = good ? 'its last good form stays in use' : 'it is left out';
  const message = `Envoy would refuse the ${words[type]} ${name} (${first ? `${pathText(first.path)} ${first.rule}` : ''}), so ${outcome}.`;
  report(work, resource.origins, message);
  return good;
}

const outcomes = {
  lastGood: 'its last good form stays in use',
  standIn: 'requests for it are answered with 503',
  leftOut: 'what is wrong of it is left out',
} as const satisfies Record<MendedPiece['form'], string>;

function reportPiece(work: Work, table: Resource, { piece, violations: [first], form }: MendedPiece): void {
  const reason = first ? `${pathText(first.path.slice(piece.type === 'route' ? 4 : piece.type === 'virtualHost' ? 2 : 0))} ${first.rule}` : '';
  report(work, originsOfPiece(work, table, piece), `Envoy would refuse the ${pieceText(table.name, piece)} (${reason}), so ${outcomes[form]}.`);
}

/** A piece as one speaks of it. */
export function pieceText(configuration: string, { type, virtualHost = '', route = '' }: Pick<RoutePiece, 'type' | 'virtualHost' | 'route'>): string {
  if (type === 'configuration') return `route configuration ${configuration}`;
  const host = `virtual host ${virtualHost} of ${configuration}`;
  if (type === 'virtualHost') return host;
  return route === '' ? `route without name in ${host}` : `route ${route} of ${configuration}`;
}

function originsOfPiece({ options }: Work, table: Resource, { type, virtualHost = '', route }: RoutePiece): readonly Origin[] {
  const found = type === 'configuration' ? [] : options.originsOf(table.name, virtualHost, route);
  return found.length > 0 ? found : table.origins;
}

function report(work: Work, origins: readonly Origin[], message: string): void {
  for (const origin of oneForEachObject(origins)) work.diagnostics.push(diagnostic('ResourceInvalid', origin, message, remedy));
}

/** The first place of each object. */
export function oneForEachObject(origins: readonly Origin[]): readonly Origin[] {
  return [...new Map(origins.toReversed().map((origin) => [origin.object ?? `${origin.file}:${origin.line}`, origin])).values()].toReversed();
}

/** A route may stand in several virtual hosts: it is told of once. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((one) => [JSON.stringify([one.at, one.message]), one])).values()];
}

/** Goes once over all that is missing; false: nothing more is to be done. */
function resolveMissing(work: Work): boolean {
  let isChanged = false;
  for (const found of inconsistencies(work.kept, work.options.undefinedClusters)) {
    const { type, name } = found.resource;
    // It may be gone or replaced already, on behalf of something else that it lacks.
    if (work.kept[type].get(name) !== found.resource) continue;
    if (resolve(work, found)) isChanged = true;
  }
  return isChanged;
}

function resolve(work: Work, { resource, needs, message }: Inconsistency): boolean {
  const { type, name } = resource;
  const { kept, reverted } = work;
  const restored = needs && lastGood(work, needs.type, needs.name);
  if (needs && restored) {
    kept[needs.type].set(needs.name, restored);
    return true;
  }
  const key = `${type} ${name} ${needs?.type} ${needs?.name}`;
  if (type === 'routes' && needs?.type === 'clusters') {
    if (reverted.has(key)) return false;
    reverted.add(key);
    return revertRoutes(work, resource, needs.name);
  }
  const before = lastGood(work, type, name);
  if (before && before.version !== resource.version && !reverted.has(`${type} ${name}`)) {
    reverted.add(`${type} ${name}`);
    kept[type].set(name, before);
    report(work, resource.origins, `The ${message}, so its last good form stays in use.`);
    return true;
  }
  kept[type].delete(name);
  report(work, resource.origins, `The ${message}, so it is left out.`);
  return true;
}

/**
 * Routes that go to a cluster which is not there keep their last good form, where that goes elsewhere. One that has none stays as
 * it is: Envoy answers its requests with 503, and those for its other shares as they should be.
 */
function revertRoutes(work: Work, table: Resource, cluster: string): boolean {
  const good = lastGood(work, 'routes', table.name);
  if (!good) return false;
  const before = routePieces(good);
  const forms = new Map<string, readonly Uint8Array[]>();
  for (const piece of routePieces(table).values()) {
    const last = before.get(piece.key);
    if (piece.type !== 'route' || !last || last.version === piece.version || !goesTo(piece, cluster) || goesTo(last, cluster)) continue;
    forms.set(piece.key, last.parts);
    const message = `The ${pieceText(table.name, piece)} needs cluster ${cluster}, which is not there, so its last good form stays in use.`;
    report(work, originsOfPiece(work, table, piece), message);
  }
  if (forms.size === 0) return false;
  work.kept.routes.set(table.name, withPieces(table, forms));
  return true;
}

const goesTo = ({ parts }: RoutePiece, cluster: string): boolean => parts.some((entry) => clustersOfRoute(entry).has(cluster));
