import { type Message, typed } from '../../src/proto/message.ts';
import { duration, uint32 } from '../../src/proto/values.ts';
import type { Resource } from '../../src/resource.ts';
import { resource } from '../../src/xds/encode.ts';
import { cluster, listener, routes } from './resources.ts';

/** A resource that Envoy refuses, and what the check before sending says of it: path, then rule. */
export interface BadResource {
  readonly resource: Resource;
  readonly problem: string;
}

type Route = Message<'envoy.config.route.v3.Route'>;
type VirtualHost = Message<'envoy.config.route.v3.VirtualHost'>;
type FilterChain = Message<'envoy.config.listener.v3.FilterChain'>;

const forward = { cluster: 'a' } as const;
const slash = { prefix: '/' } as const;

/** A table whose second route of the first host is the given one. */
export function tableWith(...bad: readonly Route[]): Resource {
  return tableOf({ name: 'all', domains: ['*'], routes: [{ name: 'good', match: { path: '/good' }, route: forward }, ...bad] });
}

/** A table of the virtual hosts. */
export function tableOf(...hosts: readonly VirtualHost[]): Resource {
  return resource('routes', 'r', { name: 'r', virtual_hosts: [...hosts] }, [{ object: 'HTTPRoute default/r' }]);
}

function listenerOf(...matches: readonly FilterChain['filter_chain_match'][]): Resource {
  const manager = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'test',
    rds: { config_source: { ads: {}, resource_api_version: 'V3' }, route_config_name: 'r' },
    http_filters: [{ name: 'router', typed_config: typed('envoy.extensions.filters.http.router.v3.Router', {}) }],
  });
  const address = { socket_address: { address: '127.0.0.1', port_value: 0 } };
  const filter_chains = matches.map((match, index) => ({
    name: `chain-${index}`,
    filter_chain_match: match ?? null,
    filters: [{ name: 'http', typed_config: manager }],
  }));
  return resource('listeners', 'l', { name: 'l', address, filter_chains }, [{ object: 'Gateway default/l' }]);
}

function clusterWith(message: Message<'envoy.config.cluster.v3.Cluster'>): Resource {
  return resource('clusters', 'c', { name: 'c', connect_timeout: duration(1000), type: 'STATIC', ...message }, [{ object: 'Service default/c' }]);
}

const check = { timeout: duration(1000), interval: duration(1000), unhealthy_threshold: uint32(1), healthy_threshold: uint32(1) };
const header = (key: string) => ({ header: { key, value: 'v' } });

/** At least one for each rule that the check adds to those of the API, and some of the API's. */
export const badResources: readonly BadResource[] = [
  { resource: tableWith({ match: {}, route: forward }), problem: 'virtual_hosts[0].routes[1].match.path_specifier one of' },
  {
    resource: tableWith({ match: { path_separated_prefix: '/a/' }, route: forward }),
    problem: 'virtual_hosts[0].routes[1].match.path_separated_prefix must match',
  },
  {
    resource: tableWith({ match: { prefix: '/', headers: [{ name: 'a\nb', present_match: true }] }, route: forward }),
    problem: 'virtual_hosts[0].routes[1].match.headers[0].name must not',
  },
  {
    resource: tableWith({ match: { safe_regex: { regex: '/(?=a)' } }, route: forward }),
    problem: 'virtual_hosts[0].routes[1].match.safe_regex.regex must be an expression in RE2 syntax',
  },
  {
    resource: tableWith({ match: { safe_regex: { regex: '(/[a-z]{999}){40}' } }, route: forward }),
    problem: 'virtual_hosts[0].routes[1].match.safe_regex.regex must',
  },
  {
    resource: tableWith({ match: slash, route: { ...forward, timeout: { seconds: '-1' } } }),
    problem: 'virtual_hosts[0].routes[1].route.timeout must be a time',
  },
  { resource: tableWith({ match: slash, direct_response: { status: 99 } }), problem: 'virtual_hosts[0].routes[1].direct_response.status must be at least' },
  {
    resource: tableWith({ match: slash, direct_response: { status: 200, body: { inline_string: 'x'.repeat(4097) } } }),
    problem: 'virtual_hosts[0].routes[1].direct_response.body must have at most 4096 bytes',
  },
  {
    resource: tableWith({ match: slash, route: forward, request_headers_to_add: [header('Host')] }),
    problem: 'virtual_hosts[0].routes[1].request_headers_to_add[0].header.key must not change',
  },
  {
    resource: tableWith({ match: slash, route: forward, response_headers_to_add: [header(':status')] }),
    problem: 'virtual_hosts[0].routes[1].response_headers_to_add[0].header.key must not change',
  },
  {
    resource: tableWith({ match: slash, route: forward, request_headers_to_remove: [':path'] }),
    problem: 'virtual_hosts[0].routes[1].request_headers_to_remove[0] must not remove',
  },
  {
    resource: tableWith({ match: slash, route: { weighted_clusters: { clusters: [{ name: 'a', weight: uint32(0) }] } } }),
    problem: 'virtual_hosts[0].routes[1].route.weighted_clusters.clusters must have a sum',
  },
  {
    resource: tableWith({
      match: slash,
      route: {
        weighted_clusters: {
          clusters: [
            { name: 'a', weight: uint32(4_000_000_000) },
            { name: 'b', weight: uint32(4_000_000_000) },
          ],
        },
      },
    }),
    problem: 'virtual_hosts[0].routes[1].route.weighted_clusters.clusters must have a sum',
  },
  {
    resource: tableWith({ match: slash, route: { weighted_clusters: { clusters: [{ name: 'a', weight: uint32(1), request_headers_to_remove: ['host'] }] } } }),
    problem: 'virtual_hosts[0].routes[1].route.weighted_clusters.clusters[0].request_headers_to_remove[0] must not remove',
  },
  {
    resource: tableWith({ match: slash, route: { ...forward, prefix_rewrite: '/x', regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' } } }),
    problem: 'virtual_hosts[0].routes[1].route.regex_rewrite must not be set together',
  },
  {
    resource: tableWith({ match: slash, route: { ...forward, upgrade_configs: [{ upgrade_type: 'websocket' }, { upgrade_type: 'WebSocket' }] } }),
    problem: 'virtual_hosts[0].routes[1].route.upgrade_configs[1] must not hold',
  },
  {
    resource: tableWith({
      match: slash,
      route: { ...forward, retry_policy: { retry_back_off: { base_interval: duration(100), max_interval: duration(50) } } },
    }),
    problem: 'virtual_hosts[0].routes[1].route.retry_policy.retry_back_off.max_interval must be at least',
  },
  {
    resource: tableOf({ name: 'one', domains: ['a.example.com'] }, { name: 'two', domains: ['b.example.com', 'A.example.com'] }),
    problem: 'virtual_hosts[1].domains[1] must not hold A.example.com twice',
  },
  { resource: tableOf({ name: 'one', domains: ['*'] }, { name: 'two', domains: ['*'] }), problem: 'virtual_hosts[1].domains[0] must not hold * twice' },
  { resource: tableOf({ name: 'one', domains: [] }), problem: 'virtual_hosts[0].domains must have at least 1 item' },
  {
    resource: tableOf({ name: 'one', domains: ['*'], request_headers_to_add: [header('host')] }),
    problem: 'virtual_hosts[0].request_headers_to_add[0].header.key must not change',
  },
  {
    resource: listenerOf({ server_names: ['a.example.com'] }, { server_names: ['b.example.com', 'A.example.com'] }),
    problem: 'filter_chains[1].filter_chain_match must not match the same',
  },
  { resource: listenerOf({}, {}), problem: 'filter_chains[1].filter_chain_match must not match the same' },
  { resource: listenerOf({ server_names: ['a*.example.com'] }), problem: 'filter_chains[0].filter_chain_match.server_names[0] must have an asterisk' },
  { resource: listenerOf(), problem: 'filter_chains must have at least 1 item' },
  { resource: clusterWith({ connect_timeout: duration(0) }), problem: 'connect_timeout must be longer than 0' },
  {
    resource: clusterWith({ health_checks: [{ ...check, http_health_check: { path: '/', expected_statuses: [{ start: '300', end: '200' }] } }] }),
    problem: 'health_checks[0].http_health_check.expected_statuses[0] must be a range',
  },
  {
    resource: clusterWith({ health_checks: [{ ...check, http_health_check: { path: '' } }] }),
    problem: 'health_checks[0].http_health_check.path must not be empty',
  },
];

/** What a bootstrap needs beside a bad resource, all of it good. */
export const goodResources: readonly Resource[] = [
  cluster('a'),
  cluster('b'),
  clusterWith({}),
  listener('r', 0, 'r'),
  listenerOf({ server_names: ['a.example.com'] }, { server_names: ['b.example.com'] }),
  routes('r', { '/': 'a' }),
];
