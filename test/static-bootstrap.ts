import { type Json, toEnvoyJson } from '../src/proto/codec.ts';
import { messageNameOf, type Resource, type ResourceType } from '../src/resource.ts';

/** Protobuf JSON that may be changed before an Envoy reads it. */
// biome-ignore lint/suspicious/noExplicitAny: the shapes are Envoy's, and a test reaches deep into them.
export type Loose = any;

/**
 * A bootstrap that holds resources of ours as they are, but for what would need a server: route tables stand in their
 * listeners, and secrets beside them. Clusters go on asking ADS for their endpoints.
 */
export function staticBootstrap(resources: readonly Resource[]): Loose {
  const of = (type: ResourceType): Loose[] => resources.filter((resource) => resource.type === type).map(jsonOf);
  const tables = new Map(of('routes').map((table) => [table.name, table]));
  const listeners = of('listeners');
  for (const chain of listeners.flatMap((listener) => listener.filter_chains ?? [])) {
    const manager = chain.filters[0].typed_config;
    // What passes bytes on has no routes.
    if (!manager.rds) continue;
    manager.route_config = tables.get(manager.rds.route_config_name);
    delete manager.rds;
  }
  return {
    node: { id: 'test', cluster: 'test' },
    admin: { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } },
    dynamic_resources: { ads_config: { api_type: 'GRPC', transport_api_version: 'V3', grpc_services: [{ envoy_grpc: { cluster_name: 'ads' } }] } },
    static_resources: {
      listeners,
      clusters: [...of('clusters'), ads],
      secrets: of('secrets'),
    },
    layered_runtime: { layers: [{ name: 'sluice', static_layer: { 're2.max_program_size.error_level': 32768 } }] },
  };
}

const ads: Json = {
  name: 'ads',
  type: 'STATIC',
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
  load_assignment: {
    cluster_name: 'ads',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: 9 } } } }] }],
  },
};

/** A resource as canonical protobuf JSON with Envoy's field names. */
export function jsonOf(resource: Resource): Loose {
  return toEnvoyJson(messageNameOf(resource.type), resource.bytes);
}
