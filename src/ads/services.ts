import { readFileSync } from 'node:fs';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { ResourceType } from '../resource.ts';

/** A stream method of an xDS service. */
export interface StreamMethod {
  readonly protocol: 'sotw' | 'delta';
  /** Undefined for the aggregated service. */
  readonly only?: ResourceType;
}

const services: readonly { readonly name: string; readonly only?: ResourceType }[] = [
  { name: 'envoy.service.discovery.v3.AggregatedDiscoveryService' },
  { name: 'envoy.service.cluster.v3.ClusterDiscoveryService', only: 'clusters' },
  { name: 'envoy.service.endpoint.v3.EndpointDiscoveryService', only: 'endpoints' },
  { name: 'envoy.service.listener.v3.ListenerDiscoveryService', only: 'listeners' },
  { name: 'envoy.service.route.v3.RouteDiscoveryService', only: 'routes' },
  { name: 'envoy.service.secret.v3.SecretDiscoveryService', only: 'secrets' },
];

/** One service with its stream methods. The methods of the REST transport (`Fetch…`) are left out, so that gRPC answers `UNIMPLEMENTED`. */
export interface XdsService {
  readonly definition: ServiceDefinition;
  readonly methods: Readonly<Record<string, StreamMethod>>;
}

/**
 * The xDS services for grpc-js. Requests are handed over as they come, answers ready encoded.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/xds_api
 */
export function xdsServices(): readonly XdsService[] {
  const json: unknown = JSON.parse(readFileSync(new URL('../proto/gen/services.json', import.meta.url), 'utf8'));
  const loaded = fromJSON(json as Parameters<typeof fromJSON>[0]);
  return services.map(({ name, only }) => {
    const all = loaded[name] as unknown as ServiceDefinition;
    const streams = Object.entries(all).filter(([, method]) => method.responseStream);
    return {
      definition: Object.fromEntries(streams.map(([key, method]) => [key, passing(method)])),
      methods: Object.fromEntries(streams.map(([key]) => [key, { protocol: key.startsWith('Delta') ? 'delta' : 'sotw', ...(only ? { only } : {}) }])),
    };
  });
}

function passing(method: MethodDefinition<unknown, unknown>): MethodDefinition<unknown, unknown> {
  return {
    ...method,
    // Of a buffer the library uses nothing but the two members that an encoded answer has.
    responseSerialize: (answer) => answer as Buffer,
    requestDeserialize: (bytes) => bytes,
  };
}
