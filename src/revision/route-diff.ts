import type { Origin } from '../diagnostic.ts';
import { decode, type Json, toEnvoyJson } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import { messageNameOf, type Resource } from '../resource.ts';
import { type ActionRow, actionRow, type MatchRow, matchRow, routeOrigins } from '../row/route-rows.ts';
import type { Side } from './diff.ts';
import { type FieldChange, fieldChanges } from './field-change.ts';
import { movedNames } from './moved-names.ts';

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

/** What differs in the route configurations of two sides. */
export function routeChanges(before: Side, after: Side): Changes {
  const [old, next] = [before.snapshot?.resources.routes ?? new Map<string, Resource>(), after.snapshot?.resources.routes ?? new Map<string, Resource>()];
  const [oldOrigins, nextOrigins] = [routeOrigins(before.representation), routeOrigins(after.representation)];
  const names = [...new Set([...old.keys(), ...next.keys()])].sort().filter((name) => old.get(name)?.version !== next.get(name)?.version);
  const found = names.map((name) => {
    const originsOf = (route: string) => nextOrigins.get(`${name} ${route}`) ?? oldOrigins.get(`${name} ${route}`) ?? [];
    return configurationChanges(name, tableOf(old.get(name)), tableOf(next.get(name)), originsOf);
  });
  return { hosts: found.flatMap(({ hosts }) => hosts), routes: found.flatMap(({ routes }) => routes) };
}

type JsonObject = { readonly [key: string]: Json };

/** A route configuration, read. */
interface Table {
  /** Without its virtual hosts. */
  readonly json: JsonObject;
  readonly hosts: ReadonlyMap<string, Host>;
}

interface Host {
  readonly domains: readonly string[];
  /** Without its routes. */
  readonly json: JsonObject;
  readonly routes: ReadonlyMap<string, Route>;
}

interface Route {
  readonly message: Message<'envoy.config.route.v3.Route'>;
  readonly json: JsonObject;
}

function tableOf(resource: Resource | undefined): Table | undefined {
  if (!resource) return undefined;
  const message = decode(messageNameOf('routes'), resource.bytes);
  const { virtual_hosts: hostsJson = [], ...json } = toEnvoyJson(messageNameOf('routes'), resource.bytes) as JsonObject;
  const hosts = (message.virtual_hosts ?? []).map((host, index): [string, Host] => {
    const { routes: routesJson = [], ...hostJson } = (hostsJson as readonly JsonObject[])[index] ?? {};
    const routes = (host.routes ?? []).map((route, at): [string, Route] => [
      route.name ?? '',
      { message: route, json: (routesJson as readonly JsonObject[])[at] ?? {} },
    ]);
    return [host.name ?? '', { domains: host.domains ?? [], json: hostJson, routes: new Map(routes) }];
  });
  return { json, hosts: new Map(hosts) };
}

function configurationChanges(
  configuration: string,
  before: Table | undefined,
  after: Table | undefined,
  originsOf: (route: string) => readonly Origin[],
): Changes {
  const hosts: HostChange[] = [];
  const routes: RouteChange[] = [];
  const own = differenceOf(before?.json, after?.json);
  if (own) hosts.push({ configuration, domains: [], ...own });
  for (const virtualHost of new Set([...(before?.hosts.keys() ?? []), ...(after?.hosts.keys() ?? [])])) {
    const [old, next] = [before?.hosts.get(virtualHost), after?.hosts.get(virtualHost)];
    const difference = differenceOf(old?.json, next?.json);
    if (difference) hosts.push({ configuration, virtualHost, domains: next?.domains ?? old?.domains ?? [], ...difference });
    for (const change of hostRoutes(old?.routes ?? new Map(), next?.routes ?? new Map())) {
      routes.push({ configuration, virtualHost, ...change, origins: originsOf(change.name) });
    }
  }
  return { hosts, routes };
}

function differenceOf(before: JsonObject | undefined, after: JsonObject | undefined): Pick<HostChange, 'change' | 'fields'> | undefined {
  if (!before) return { change: 'added', fields: [] };
  if (!after) return { change: 'removed', fields: [] };
  const fields = fieldChanges(before, after);
  return fields.length === 0 ? undefined : { change: 'changed', fields };
}

type Routes = ReadonlyMap<string, Route>;

function hostRoutes(before: Routes, after: Routes): readonly Omit<RouteChange, 'configuration' | 'virtualHost' | 'origins'>[] {
  const moved = movedNames([...before.keys()], [...after.keys()]);
  const found: Omit<RouteChange, 'configuration' | 'virtualHost' | 'origins'>[] = [];
  for (const [name, { message, json }] of after) {
    const [match, action] = [matchRow(message.match ?? {}), actionRow(message)];
    const old = before.get(name);
    if (!old) {
      found.push({ name, change: 'added', match, after: action, movedShare: 0, fields: [] });
      continue;
    }
    const fields = fieldChanges(old.json, json);
    if (fields.length === 0 && !moved.has(name)) continue;
    const oldAction = actionRow(old.message);
    found.push({
      name,
      change: fields.length === 0 ? 'moved' : 'changed',
      match,
      before: oldAction,
      after: action,
      movedShare: movedShare(oldAction, action),
      fields: fields.filter(({ path }) => !isShare(path)),
    });
  }
  for (const [name, { message }] of before) {
    if (!after.has(name)) found.push({ name, change: 'removed', match: matchRow(message.match ?? {}), before: actionRow(message), movedShare: 0, fields: [] });
  }
  return found;
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
