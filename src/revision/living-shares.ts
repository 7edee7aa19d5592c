import { type Life, withoutShare } from '../ir/life.ts';
import { unresolvedCluster } from '../ir/names.ts';
import { memoized } from '../memo/memoized.ts';
import { createSlot } from '../memo/slot.ts';
import { decode } from '../proto/codec.ts';
import { hostFields, routeFields } from '../proto/route-fields.ts';
import { textField, wireField, wireFields } from '../proto/wire-fields.ts';
import { endpointMetadata, mainShareMetadata, messageNameOf, type Resource, type ResourceMap, type Snapshot } from '../resource.ts';
import { originsOf, tableOf, tableResource } from '../route-table.ts';
import { namesThatMayDiffer } from './patched-map.ts';
import { splitClustersOfHost, splitClustersOfTable } from './references.ts';

/**
 * What Envoys are to have of a configuration at this moment: in a split, a cluster without a ready endpoint gets nothing, as long as
 * another one of the split has some. Its share goes to the one with the largest, in the place where it stands: so all other shares
 * stay what they are, and where a hash chooses nobody else moves. A share whose reference leads to nothing keeps its errors.
 *
 * This follows endpoints, so that it is no part of a revision: what is pinned, or comes from a history, is served in the same way,
 * and the snapshot keeps its name. The same object for the same snapshot, and the snapshot itself where nothing is to be done.
 */
export function withLivingShares(snapshot: Snapshot): Snapshot {
  const made = snapshots.get(snapshot) ?? living(snapshot);
  snapshots.set(snapshot, made);
  return made;
}

// A snapshot never changes, and is asked for again and again.
const snapshots = createSlot<Snapshot, Snapshot>();

function living(snapshot: Snapshot): Snapshot {
  const { resources } = snapshot;
  const splits = splitClusters(resources.routes);
  if (splits.size === 0) return snapshot;
  const before = known.get(resources.routes);
  const routes = before && isAlike(before, resources, splits) ? before.routes : withShares(resources);
  known.set(resources.routes, { clusters: resources.clusters, endpoints: resources.endpoints, routes });
  return routes === resources.routes ? snapshot : { ...snapshot, resources: { ...resources, routes } };
}

type Resources = Snapshot['resources'];

/** What came of the routes of a configuration, which stay the same while endpoints come and go. */
type Known = Pick<Resources, 'clusters' | 'endpoints' | 'routes'>;

const known = createSlot<ResourceMap, Known>();

/** Whether no cluster of a split has more or less life than before. */
function isAlike(before: Known, { clusters, endpoints }: Resources, splits: ReadonlySet<string>): boolean {
  if (before.clusters !== clusters) return false;
  for (const name of namesThatMayDiffer(before.endpoints, endpoints)) {
    if (splits.has(name) && lifeIn(before.endpoints, name) !== lifeIn(endpoints, name)) return false;
  }
  return true;
}

/** Looked through once for all endpoints that come and go, and after a change of the routes only where they differ. */
const splitClusters = memoized(
  (routes: ResourceMap): ReadonlySet<string> => new Set([...routes.values()].flatMap((table) => [...splitClustersOfTable(table)])),
);

function withShares(resources: Resources): ResourceMap {
  const tables = [...resources.routes].map(([name, table]): [string, Resource] => [name, tableWithShares(table, resources)]);
  return tables.every(([name, table]) => table === resources.routes.get(name)) ? resources.routes : new Map(tables);
}

function tableWithShares(table: Resource, resources: Resources): Resource {
  const { own, hosts } = tableOf(table);
  const next = hosts.map((host) => hostWithShares(host, resources));
  if (next.every((host, index) => host === hosts[index])) return table;
  return tableResource(table.name, { own, hosts: next }, originsOf(table));
}

// Numbers of fields of the action and of its shares. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto
const actionSplit = 3;
const splitShares = 1;
const shareName = 1;
const shareWeight = 2;

function hostWithShares(host: Uint8Array, resources: Resources): Uint8Array {
  if ([...splitClustersOfHost(host)].every((cluster) => lifeIn(resources.endpoints, cluster) === 'ready')) return host;
  const inSplit = (split: Uint8Array): Uint8Array => splitWithShares(split, resources);
  return withFields(host, hostFields.routes, (route) => withFields(route, routeFields.action, (action) => withFields(action, actionSplit, inSplit)));
}

function splitWithShares(split: Uint8Array, resources: Resources): Uint8Array {
  const shares = (decode('envoy.config.route.v3.WeightedCluster', split).clusters ?? []).map(({ name = '', weight, metadata_match }) => ({
    name,
    weight: weight?.value ?? 0,
    isMain: metadata_match?.filter_metadata?.[mainShareMetadata] !== undefined,
  }));
  const main = shares.find(({ isMain }) => isMain);
  const { dead, heir } = main ? behindMain(main.name, shares, resources) : amongEquals(shares, resources);
  const heirShare = wireFields(split).find(({ number, value }) => number === splitShares && textField(value, shareName) === heir)?.value;
  if (!heirShare) return split;
  return withFields(split, splitShares, (share) => (dead.has(textField(share, shareName)) ? inherited(heirShare, share) : share));
}

interface Share {
  readonly name: string;
  readonly weight: number;
}

/** Who gets nothing, and who gets what was theirs. */
interface Succession {
  readonly dead: ReadonlySet<string>;
  readonly heir: string | undefined;
}

/** The main one inherits from those without life, and has nobody live without it: the others stand for it. */
function behindMain(main: string, shares: readonly Share[], { endpoints }: Resources): Succession {
  const lives = new Map(shares.map(({ name }) => [name, lifeIn(endpoints, name)]));
  const dead = new Set(lives.get(main) === 'none' ? lives.keys() : withoutShare(lives));
  dead.delete(main);
  return { dead, heir: main };
}

function amongEquals(shares: readonly Share[], { clusters, endpoints }: Resources): Succession {
  // What is not served at all is answered with an error, whoever lives.
  const candidates = shares.filter(({ name, weight }) => weight > 0 && name !== unresolvedCluster && clusters.has(name));
  const dead = withoutShare(new Map(candidates.map(({ name }) => [name, lifeIn(endpoints, name)])));
  return { dead, heir: largest(candidates.filter(({ name }) => !dead.has(name))) };
}

/** The cluster with the largest share, which may stand in several places. */
function largest(shares: readonly Share[]): string | undefined {
  const weights = new Map<string, number>();
  for (const { name, weight } of shares) weights.set(name, (weights.get(name) ?? 0) + weight);
  return [...weights].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The share of the heir, with the weight of the dead. */
function inherited(heir: Uint8Array, dead: Uint8Array): Uint8Array {
  const weight = wireFields(dead).filter(({ number }) => number === shareWeight);
  const rest = wireFields(heir).filter(({ number }) => number !== shareWeight);
  return Buffer.concat([...rest, ...weight].sort((a, b) => a.number - b.number).map(({ whole }) => whole));
}

/** A message in which each field of a number is another one. The message itself where none is. */
function withFields(message: Uint8Array, number: number, change: (value: Uint8Array) => Uint8Array): Uint8Array {
  let isSame = true;
  const fields = wireFields(message).map((field) => {
    const value = field.number === number ? change(field.value) : field.value;
    if (value === field.value) return field.whole;
    isSame = false;
    return wireField(number, value);
  });
  return isSame ? message : Buffer.concat(fields);
}

/** How much life is in a cluster. One without an assignment is `ready`: Envoy finds its endpoints itself. */
export function lifeIn(endpoints: ResourceMap, cluster: string): Life {
  const resource = endpoints.get(cluster);
  return resource ? lifeOf(resource) : 'ready';
}

// A resource never changes, and most are the same in the next snapshot.
const lifeOf = memoized(({ bytes }: Resource): Life => {
  const all = (decode(messageNameOf('endpoints'), bytes).endpoints ?? []).flatMap(({ lb_endpoints = [] }) => lb_endpoints);
  if (all.length === 0) return 'none';
  return all.every(({ metadata }) => metadata?.filter_metadata?.[endpointMetadata]) ? 'ending' : 'ready';
});
