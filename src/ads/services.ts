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

/** Tells other tools what clients have. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto */
const clientStatusService = 'envoy.service.status.v3.ClientStatusDiscoveryService';

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
  const loaded = load();
  return services.map(({ name, only }) => {
    const all = loaded[name] as unknown as ServiceDefinition;
    const streams = Object.entries(all).filter(([, method]) => method.responseStream);
    return {
      definition: Object.fromEntries(streams.map(([key, method]) => [key, passing(method)])),
      methods: Object.fromEntries(streams.map(([key]) => [key, { protocol: key.startsWith('Delta') ? 'delta' : 'sotw', ...(only ? { only } : {}) }])),
    };
  });
}

/**
 * The service by which tools ask what clients have. A call for a single answer is served as a stream of one: the bytes are the
 * same, and of a stream it is known when its client has taken the answer.
 */
export function clientStatusDefinition(): ServiceDefinition {
  return asStreams(clientStatusService);
}

/** The service by which Envoys tell how long requests took, as streams for the same reason. @see https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
export function latencyDefinition(): ServiceDefinition {
  return asStreams('opentelemetry.proto.collector.metrics.v1.MetricsService');
}

/** The service by which Envoys tell who the clients of a sample of the requests are, as streams likewise. */
export function clientSampleDefinition(): ServiceDefinition {
  return asStreams('opentelemetry.proto.collector.logs.v1.LogsService');
}

function asStreams(service: string): ServiceDefinition {
  const methods = Object.entries(load()[service] as unknown as ServiceDefinition);
  return Object.fromEntries(methods.map(([key, method]) => [key, { ...passing(method), requestStream: true, responseStream: true }]));
}

/** The service by which Envoys report their requests. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/load_stats/v3/lrs.proto */
export function loadReportingDefinition(): ServiceDefinition {
  const methods = Object.entries(load()['envoy.service.load_stats.v3.LoadReportingService'] as unknown as ServiceDefinition);
  return Object.fromEntries(methods.map(([key, method]) => [key, passing(method)]));
}

function load(): ReturnType<typeof fromJSON> {
  const json: unknown = JSON.parse(readFileSync(new URL('../proto/gen/services.json', import.meta.url), 'utf8'));
  return fromJSON(json as Parameters<typeof fromJSON>[0]);
}

function passing(method: MethodDefinition<unknown, unknown>): MethodDefinition<unknown, unknown> {
  return {
    ...method,
    // Of a buffer the library uses nothing but the two members that an encoded answer has.
    responseSerialize: (answer) => answer as Buffer,
    requestDeserialize: (bytes) => bytes,
  };
}
