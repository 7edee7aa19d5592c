import type { Origin } from '../diagnostic.ts';
import { decode, toEnvoyJson } from '../proto/codec.ts';
import type { MessageName } from '../proto/message.ts';
import type { ResourceMap } from '../resource.ts';
import { type ActionRow, actionRow, type MatchRow, matchRow, routeOrigins } from '../row/route-rows.ts';
import type { Work } from '../work.ts';
import type { Side } from './diff.ts';
import { type FieldChange, fieldChanges } from './field-change.ts';
import { movedNames } from './moved-names.ts';
import { type NamedHost, routesByName } from './routes-by-name.ts';

/** A route that differs. Its name goes by what it matches: another match is another route. */
export interface RouteChange {
  readonly configuration: string;
  readonly virtualHost: string;
  readonly name: string;
  /** `moved`: only its place among the others of its virtual host, which are tried in order. */
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  readonly match: MatchRow;
  /** What happened to requests; undefined for a new route. */
  readonly before?: ActionRow;
  /** What happens to them; undefined for one that is gone. */
  readonly after?: ActionRow;
  /** Part of its requests that go to another cluster than before, 0 to 1; 0 for a route that is new or gone. */
  readonly movedShare: number;
  /** What else differs. */
  readonly fields: readonly FieldChange[];
  /** The objects that it comes from, as far as they are known. */
  readonly origins: readonly Origin[];
}

/** A virtual host that differs in itself, not only in its routes. */
export interface HostChange {
  readonly configuration: string;
  /** Undefined: the route configuration as a whole. */
  readonly virtualHost?: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly domains: readonly string[];
  readonly fields: readonly FieldChange[];
}

interface Changes {
  readonly hosts: readonly HostChange[];
  readonly routes: readonly RouteChange[];
}

/** What differs in the route configurations of two sides. Routes of the same bytes are not looked into. */
export function* routeChanges(before: Side, after: Side): Work<Changes> {
  const none: ResourceMap = new Map();
  const [old, next] = [before.snapshot?.resources.routes ?? none, after.snapshot?.resources.routes ?? none];
  const [oldOrigins, nextOrigins] = [routeOrigins(before.representation), routeOrigins(after.representation)];
  const names = [...new Set([...old.keys(), ...next.keys()])].sort().filter((name) => old.get(name)?.version !== next.get(name)?.version);
  const found: { hosts: HostChange[]; routes: RouteChange[] } = { hosts: [], routes: [] };
  for (const configuration of names) {
    const [oldResource, nextResource] = [old.get(configuration), next.get(configuration)];
    const a = oldResource && routesByName(oldResource);
    yield;
    const b = nextResource && routesByName(nextResource);
    yield;
    const own = differenceOf('envoy.config.route.v3.RouteConfiguration', a?.own, b?.own);
    if (own) found.hosts.push({ configuration, domains: [], ...own });
    for (const virtualHost of new Set([...(a?.hosts.keys() ?? []), ...(b?.hosts.keys() ?? [])])) {
      const [oldHost, nextHost] = [a?.hosts.get(virtualHost), b?.hosts.get(virtualHost)];
      const difference = differenceOf(hostMessage, oldHost?.own, nextHost?.own);
      if (difference) found.hosts.push({ configuration, virtualHost, domains: domainsOf(nextHost ?? oldHost), ...difference });
      yield;
      for (const change of yield* hostRoutes(oldHost?.routes ?? new Map(), nextHost?.routes ?? new Map())) {
        const name = `${configuration} ${change.name}`;
        found.routes.push({ configuration, virtualHost, ...change, origins: nextOrigins.get(name) ?? oldOrigins.get(name) ?? [] });
      }
    }
  }
  return found;
}

const hostMessage = 'envoy.config.route.v3.VirtualHost';
const routeMessage = 'envoy.config.route.v3.Route';

function differenceOf(message: MessageName, before: Uint8Array | undefined, after: Uint8Array | undefined): Pick<HostChange, 'change' | 'fields'> | undefined {
  if (!before) return after && { change: 'added', fields: [] };
  if (!after) return { change: 'removed', fields: [] };
  if (isSame(before, after)) return undefined;
  return { change: 'changed', fields: fieldChanges(toEnvoyJson(message, before), toEnvoyJson(message, after)) };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function domainsOf(host: NamedHost | undefined): readonly string[] {
  return host ? (decode(hostMessage, host.own).domains ?? []) : [];
}

type OwnChange = Omit<RouteChange, 'configuration' | 'virtualHost' | 'origins'>;

function* hostRoutes(before: NamedHost['routes'], after: NamedHost['routes']): Work<readonly OwnChange[]> {
  const moved = movedNames([...before.keys()], [...after.keys()]);
  const found: OwnChange[] = [];
  for (const [name, bytes] of after) {
    const old = before.get(name);
    if (old && isSame(old, bytes) && !moved.has(name)) continue;
    found.push(old ? changedRoute(name, old, bytes) : newRoute(name, bytes));
    yield;
  }
  for (const [name, bytes] of before) {
    if (after.has(name)) continue;
    found.push(goneRoute(name, bytes));
    yield;
  }
  return found;
}

function changedRoute(name: string, before: Uint8Array, after: Uint8Array): OwnChange {
  const [old, next] = [decode(routeMessage, before), decode(routeMessage, after)];
  const [oldAction, action] = [actionRow(old), actionRow(next)];
  const isChanged = !isSame(before, after);
  const fields = isChanged ? fieldChanges(toEnvoyJson(routeMessage, before), toEnvoyJson(routeMessage, after)) : [];
  return {
    name,
    change: isChanged ? 'changed' : 'moved',
    match: matchRow(next.match ?? {}),
    before: oldAction,
    after: action,
    movedShare: movedShare(oldAction, action),
    fields: fields.filter(({ path }) => !isShare(path)),
  };
}

function newRoute(name: string, bytes: Uint8Array): OwnChange {
  const route = decode(routeMessage, bytes);
  return { name, change: 'added', match: matchRow(route.match ?? {}), after: actionRow(route), movedShare: 0, fields: [] };
}

function goneRoute(name: string, bytes: Uint8Array): OwnChange {
  const route = decode(routeMessage, bytes);
  return { name, change: 'removed', match: matchRow(route.match ?? {}), before: actionRow(route), movedShare: 0, fields: [] };
}

/** Whether a field says which cluster gets how much, which the actions tell. */
function isShare(path: string): boolean {
  return path === 'route.cluster' || /^route\.weighted_clusters(\.clusters(\[[^\]]*\](\.weight)?)?)?$/.test(path);
}

/** The part of the requests for which the choice of a cluster is another one, when as few change as possible. */
function movedShare(before: ActionRow, after: ActionRow): number {
  if (before.type !== 'forward' || after.type !== 'forward') return before.type === after.type ? 0 : 1;
  const [old, next] = [sharesOf(before.split), sharesOf(after.split)];
  const clusters = new Set([...old.keys(), ...next.keys()]);
  return [...clusters].reduce((sum, cluster) => sum + Math.abs((old.get(cluster) ?? 0) - (next.get(cluster) ?? 0)), 0) / 2;
}

function sharesOf(split: (ActionRow & { readonly type: 'forward' })['split']): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { cluster, share } of split) shares.set(cluster, (shares.get(cluster) ?? 0) + share);
  return shares;
}
