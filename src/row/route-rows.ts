import type { Origin } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import { grpcContentType } from '../ir/grpc.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Snapshot } from '../resource.ts';
import { redirectStatus } from './redirect-status.ts';

/** One route as it is served, in the order in which Envoy tries them. */
export interface RouteRow {
  readonly group: string;
  /** Name of the route configuration. */
  readonly configuration: string;
  readonly virtualHost: string;
  /** Host names that belong to the virtual host. */
  readonly domains: readonly string[];
  readonly name: string;
  readonly match: MatchRow;
  readonly action: ActionRow;
  /** The rule and the match that it comes from. */
  readonly origins: readonly Origin[];
}

/** All parts must fit. */
export interface MatchRow {
  readonly path: { readonly type: 'exact' | 'pathPrefix' | 'prefix' | 'regex' | 'other'; readonly value: string };
  readonly headers: readonly ConditionRow[];
  readonly query: readonly ConditionRow[];
  readonly grpc: boolean;
}

/** A condition on a header (`:method` is one as well) or a query parameter. */
export interface ConditionRow {
  readonly name: string;
  readonly type: 'exact' | 'regex' | 'present' | 'other';
  /** Undefined for `present`. */
  readonly value?: string;
}

/** What happens to the requests that fit. */
export type ActionRow =
  /** `share` is the part of the requests, 0 to 1. */
  | { readonly type: 'forward'; readonly split: readonly { readonly cluster: string; readonly weight: number; readonly share: number }[] }
  | { readonly type: 'redirect'; readonly status: number; readonly to: string }
  | { readonly type: 'respond'; readonly status: number }
  | { readonly type: 'other' };

/** The routes of a snapshot. The representation gives the origin of each; a resource knows only those of all its routes together. */
export function routeRows(snapshot: Snapshot, group: Group | undefined): readonly RouteRow[] {
  const originsOf = routeOrigins(group);
  return [...snapshot.resources.routes.values()].flatMap(({ name: configuration, bytes }) => {
    const hosts = decode('envoy.config.route.v3.RouteConfiguration', bytes).virtual_hosts ?? [];
    return hosts.flatMap((host) =>
      (host.routes ?? []).map((route) => ({
        group: snapshot.group,
        configuration,
        virtualHost: host.name ?? '',
        domains: host.domains ?? [],
        name: route.name ?? '',
        match: matchRow(route.match ?? {}),
        action: actionRow(route),
        origins: originsOf.get(`${configuration} ${route.name ?? ''}`) ?? [],
      })),
    );
  });
}

/** Where each route comes from, by `CONFIGURATION ROUTE`; empty where there is no representation. */
export function routeOrigins(group: Group | undefined): ReadonlyMap<string, readonly Origin[]> {
  const found = new Map<string, readonly Origin[]>();
  for (const configuration of group?.routeConfigurations ?? []) {
    for (const route of configuration.virtualHosts.flatMap((host) => host.routes)) found.set(`${configuration.name} ${route.name}`, route.origins);
  }
  return found;
}

/** What a request must be like for a route. */
export function matchRow(match: Message<'envoy.config.route.v3.RouteMatch'>): MatchRow {
  return {
    path: pathRow(match),
    headers: (match.headers ?? [])
      .filter((header) => !isGrpcCondition(header))
      .map((header) => conditionRow(header.name, header.string_match, header.present_match)),
    query: (match.query_parameters ?? []).map((parameter) => conditionRow(parameter.name, parameter.string_match, parameter.present_match)),
    grpc: (match.headers ?? []).some(isGrpcCondition),
  };
}

/** Whether a condition on a header is the one that a request is gRPC. */
export function isGrpcCondition({ name, string_match }: Message<'envoy.config.route.v3.HeaderMatcher'>): boolean {
  return name === 'content-type' && string_match?.prefix === grpcContentType;
}

function pathRow(match: Message<'envoy.config.route.v3.RouteMatch'>): MatchRow['path'] {
  if (match.path !== undefined) return { type: 'exact', value: match.path };
  if (match.path_separated_prefix !== undefined) return { type: 'pathPrefix', value: match.path_separated_prefix };
  if (match.prefix !== undefined) return { type: 'prefix', value: match.prefix };
  if (match.safe_regex) return { type: 'regex', value: match.safe_regex.regex ?? '' };
  return { type: 'other', value: '' };
}

function conditionRow(name = '', text: Message<'envoy.type.matcher.v3.StringMatcher'> | null | undefined, present: boolean | undefined): ConditionRow {
  if (text?.exact !== undefined) return { name, type: 'exact', value: text.exact };
  if (text?.safe_regex) return { name, type: 'regex', value: text.safe_regex.regex ?? '' };
  return { name, type: present === true ? 'present' : 'other' };
}

/** What a route does with requests. */
export function actionRow(route: Message<'envoy.config.route.v3.Route'>): ActionRow {
  if (route.redirect) {
    const { scheme_redirect = '', host_redirect = '', port_redirect, path_redirect, prefix_rewrite, response_code } = route.redirect;
    const port = port_redirect ? `:${port_redirect}` : '';
    // `…` stands for the host that was asked for.
    const host = host_redirect || (scheme_redirect || port ? '…' : '');
    const path = path_redirect ?? (prefix_rewrite === undefined ? '' : `${prefix_rewrite}…`);
    return {
      type: 'redirect',
      status: redirectStatus(response_code),
      to: `${scheme_redirect && `${scheme_redirect}://`}${host}${port}${path}`,
    };
  }
  if (route.direct_response) return { type: 'respond', status: route.direct_response.status ?? 0 };
  if (!route.route) return { type: 'other' };
  if (route.route.cluster !== undefined) return { type: 'forward', split: [{ cluster: route.route.cluster, weight: 1, share: 1 }] };
  const clusters = weightsOf(route.route.weighted_clusters?.clusters ?? []);
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return { type: 'forward', split: clusters.map((one) => ({ ...one, share: total === 0 ? 0 : one.weight / total })) };
}

/** A cluster may stand in a split several times: in a sticky one, once for each run of its places, and for those that have no ready endpoint. */
function weightsOf(split: NonNullable<Message<'envoy.config.route.v3.WeightedCluster'>['clusters']>) {
  const weights = new Map<string, number>();
  for (const { name = '', weight } of split) weights.set(name, (weights.get(name) ?? 0) + (weight?.value ?? 0));
  return [...weights].map(([cluster, weight]) => ({ cluster, weight }));
}
