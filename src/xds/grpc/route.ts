import { unresolvedCluster } from '../../ir/names.ts';
import type { ForwardAction, PathMatch, Retry, Route, RouteConfiguration, RouteMatch } from '../../ir/route.ts';
import type { Message } from '../../proto/message.ts';
import { duration, uint32 } from '../../proto/values.ts';
import type { Resource } from '../../resource.ts';
import { resource } from '../encode.ts';
import { routeMatch } from '../route-match.ts';

type Entry = Message<'envoy.config.route.v3.Route'>;
type Action = Message<'envoy.config.route.v3.RouteAction'>;

/**
 * The routes of one port of a Service for gRPC clients, who do them themselves. They refuse a whole table for one match that
 * they do not know, so that every match is written in the oldest form that fits.
 * @param clusters names of the clusters that there are; calls to any other fail with UNAVAILABLE.
 * @see https://github.com/grpc/proposal/blob/master/A28-xds-traffic-splitting-and-routing.md
 */
export function grpcRouteResource({ name, virtualHosts }: RouteConfiguration, clusters: ReadonlySet<string>): Resource {
  const message: Message<'envoy.config.route.v3.RouteConfiguration'> = {
    name,
    virtual_hosts: virtualHosts.map((host) => ({
      name: host.name,
      domains: [...host.domains],
      routes: host.routes.flatMap((route) => entries(route, clusters)),
    })),
  };
  return resource(
    'routes',
    name,
    message,
    virtualHosts.flatMap(({ origins }) => origins),
  );
}

function entries({ name, match, action, transcoder }: Route, clusters: ReadonlySet<string>): Entry[] {
  // Every call is a POST without a query, and none is HTTP with JSON.
  if (transcoder || match.query.length > 0 || (match.method !== undefined && match.method !== 'POST')) return [];
  const route = action.type === 'forward' ? forward(action, clusters) : { cluster: unresolvedCluster };
  return pathsOf(match.path).map((path) => ({ name, match: matchOf(path, match), route }));
}

function matchOf(path: PathMatch, { headers }: RouteMatch): Message<'envoy.config.route.v3.RouteMatch'> {
  return routeMatch({ path, headers, query: [] });
}

/** Prefixes of whole path elements are unknown to gRPC. */
function pathsOf(path: PathMatch): readonly PathMatch[] {
  if (path.type !== 'pathPrefix') return [path];
  return [
    { type: 'exact', value: path.value },
    { type: 'prefix', value: `${path.value}/` },
  ];
}

function forward({ backends, timeouts, retry, hashOn }: ForwardAction, known: ReadonlySet<string>): Action {
  const clusterOf = (name: string | undefined): string => (name !== undefined && known.has(name) ? name : unresolvedCluster);
  const [first] = backends;
  return {
    ...(first && backends.length === 1
      ? { cluster: clusterOf(first.cluster) }
      : { weighted_clusters: { clusters: backends.map(({ cluster, weight }) => ({ name: clusterOf(cluster), weight: uint32(weight) })) } }),
    // What gRPC reads is the duration of the stream; the time-out says the same to whoever reads it as an Envoy does.
    timeout: duration(timeouts.requestMs),
    ...(timeouts.requestMs > 0 && { max_stream_duration: { max_stream_duration: duration(timeouts.requestMs) } }),
    ...(retry && retryPolicy(retry)),
    ...(hashOn.length > 0 && { hash_policy: hashOn.flatMap(hashPolicy) }),
  };
}

/** What a gRPC status means in HTTP. @see https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const statusWords = new Map([
  [429, 'resource-exhausted'],
  [499, 'cancelled'],
  [500, 'internal'],
  [503, 'unavailable'],
  [504, 'deadline-exceeded'],
]);

/**
 * gRPC tries a call again by its status. Calls that never reached a server are tried again without being asked to.
 * @see https://github.com/grpc/proposal/blob/master/A44-xds-retry.md
 */
function retryPolicy({ on, statusCodes, count, backoffBaseMs, backoffMaxMs }: Retry): Action {
  const known = [...statusWords.values()];
  const words = new Set([...on, ...statusCodes.map((code) => statusWords.get(code))].filter((word) => word !== undefined && known.includes(word)));
  if (words.size === 0 || count === 0) return {};
  return {
    retry_policy: {
      retry_on: [...words].join(','),
      num_retries: uint32(count),
      retry_back_off: {
        base_interval: duration(Math.max(1, backoffBaseMs)),
        max_interval: duration(Math.max(1, backoffMaxMs, backoffBaseMs)),
      },
    },
  };
}

/** The address of the client is its channel: all of its calls go to one endpoint. Cookies and queries are unknown to gRPC. */
function hashPolicy(input: ForwardAction['hashOn'][number]): NonNullable<Action['hash_policy']> {
  if (input.type === 'header') return [{ header: { header_name: input.name }, terminal: true }];
  if (input.type === 'clientAddress') return [{ filter_state: { key: 'io.grpc.channel_id' }, terminal: true }];
  return [];
}
