import { typed } from '../../src/proto/message.ts';
import { bool, duration, uint32 } from '../../src/proto/values.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../../src/resource.ts';
import { revisionOf } from '../../src/revision/revision.ts';
import { resource } from '../../src/xds/encode.ts';

const ads = { ads: {}, resource_api_version: 'V3' } as const;
const originOf = (kind: string, name: string) => [{ object: `${kind} default/${name}` }];

/** A cluster with endpoints by EDS. @param connectMs makes versions. */
export function cluster(name: string, connectMs = 1000): Resource {
  const message = { name, type: 'EDS', eds_cluster_config: { eds_config: ads }, connect_timeout: duration(connectMs) } as const;
  return resource('clusters', name, message, originOf('Service', name));
}

/** A cluster that is warm only after a first health check. @param connectMs makes versions. @param timeoutMs of the check. */
export function checkedCluster(name: string, connectMs = 1000, timeoutMs = 10_000): Resource {
  const health_checks = [
    {
      timeout: duration(timeoutMs),
      interval: duration(1000),
      unhealthy_threshold: uint32(1),
      healthy_threshold: uint32(1),
      http_health_check: { path: '/check' },
    },
  ];
  const message = { name, type: 'EDS', eds_cluster_config: { eds_config: ads }, connect_timeout: duration(connectMs), health_checks } as const;
  return resource('clusters', name, message, originOf('Service', name));
}

/** A cluster that is warm only when it has its client certificate, a secret. @param connectMs makes versions. */
export function securedCluster(name: string, secretName: string, connectMs = 1000): Resource {
  const context = typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    common_tls_context: { tls_certificate_sds_secret_configs: [{ name: secretName, sds_config: ads }] },
  });
  const message = {
    name,
    type: 'EDS',
    eds_cluster_config: { eds_config: ads },
    connect_timeout: duration(connectMs),
    transport_socket: { name: 'tls', typed_config: context },
  } as const;
  return resource('clusters', name, message, originOf('Service', name));
}

/** A cluster whose endpoint is a name that the client resolves itself, so that none come by EDS. @param connectMs makes versions. */
export function namedCluster(name: string, connectMs = 1000): Resource {
  const lb_endpoints = [{ endpoint: { address: { socket_address: { address: 'localhost', port_value: 1 } } } }];
  const message = {
    name,
    cluster_type: { name: 'envoy.clusters.dns', typed_config: typed('envoy.extensions.clusters.dns.v3.DnsCluster', {}) },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints }] },
    connect_timeout: duration(connectMs),
  };
  return resource('clusters', name, message, originOf('Backend', name));
}

/** A cluster whose endpoint stands in it. */
export function localCluster(name: string): Resource {
  const lb_endpoints = [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 1 } } } }];
  const load_assignment = { cluster_name: name, endpoints: [{ lb_endpoints }] };
  return resource('clusters', name, { name, type: 'STATIC', load_assignment, connect_timeout: duration(1000) }, originOf('Sidecar', name));
}

/** A cluster that Envoy refuses, by its name: the time to connect must be above 0. */
export function badCluster(name: string): Resource {
  return cluster(name, 0);
}

/** Endpoints on 127.0.0.1. */
export function endpoints(name: string, ports: readonly number[]): Resource {
  const lb_endpoints = ports.map((port) => ({ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }));
  return resource('endpoints', name, { cluster_name: name, endpoints: [{ lb_endpoints }] }, originOf('EndpointSlice', name));
}

/** Prefixes to clusters, in the order given. */
export function routes(name: string, byPrefix: Readonly<Record<string, string>>): Resource {
  const list = Object.entries(byPrefix).map(([prefix, target]) => ({ name: prefix, match: { prefix }, route: { cluster: target } }));
  const message = { name, virtual_hosts: [{ name: 'all', domains: ['*'], routes: list }], validate_clusters: bool(false) };
  return resource('routes', name, message, originOf('HTTPRoute', name));
}

/** Many routes to one cluster, of which those of some prefixes have a header that no Envoy can make. */
export function manyRoutes(name: string, count: number, target: string, bad: readonly number[]): Resource {
  const list = Array.from({ length: count }, (_, index) => ({
    name: `/${index}/`,
    match: { prefix: `/${index}/` },
    route: { cluster: target },
    ...(bad.includes(index) ? { request_headers_to_add: [{ header: { key: 'x-bad', value: '%NO_SUCH_COMMAND%' } }] } : {}),
  }));
  const message = { name, virtual_hosts: [{ name: 'all', domains: ['*'], routes: list }], validate_clusters: bool(false) };
  return resource('routes', name, message, originOf('HTTPRoute', name));
}

/** A plain HTTP listener on 127.0.0.1 with routes by RDS. */
export function listener(name: string, port: number, routeName = name): Resource {
  const manager = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'test',
    rds: { config_source: ads, route_config_name: routeName },
    http_filters: [{ name: 'router', typed_config: typed('envoy.extensions.filters.http.router.v3.Router', {}) }],
  });
  const message = {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  };
  return resource('listeners', name, message, originOf('Gateway', name));
}

/** A snapshot of the resources; of two with the same name the last one counts. */
export function snapshotOf(group: string, list: readonly Resource[]): Snapshot {
  const byType = (type: ResourceType): ResourceMap => new Map(list.filter((each) => each.type === type).map((each) => [each.name, each]));
  const resources = Object.fromEntries(resourceTypes.map((type) => [type, byType(type)])) as Record<ResourceType, ResourceMap>;
  return { group, revision: revisionOf(resources), resources };
}

/** A secret with one value. */
export function secret(name: string, value: string): Resource {
  return resource('secrets', name, { name, generic_secret: { secret: { inline_string: value } } }, originOf('Secret', name));
}

/** A secret with a certificate, which Envoy refuses where the key is that of another one. */
export function certificateSecret(name: string, { certificate, key }: { readonly certificate: string; readonly key: string }): Resource {
  const tls_certificate = { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } };
  return resource('secrets', name, { name, tls_certificate }, originOf('Secret', name));
}
