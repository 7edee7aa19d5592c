import type { Endpoint } from '../../src/ir/backend.ts';
import type { WeightedBackend } from '../../src/ir/route.ts';
import { decode } from '../../src/proto/codec.ts';
import type { Resource, Snapshot } from '../../src/resource.ts';
import { endpointResource } from '../../src/xds/endpoint.ts';
import { routeResource } from '../../src/xds/route.ts';
import { forward, listener, route, routeConfiguration } from './representation.ts';
import { cluster, snapshotOf } from './resources.ts';

/** An endpoint that is ready, and one that only ends. */
export const readyEndpoint: Endpoint = { address: '192.0.2.1', port: 80, health: 'healthy', weight: 1 };
export const endingEndpoint: Endpoint = { ...readyEndpoint, isEnding: true };

/** The endpoints of a cluster. */
export const assignment = (name: string, endpoints: readonly Endpoint[]): Resource => endpointResource({ cluster: name, endpoints, origins: [] });

/** The group `default` with one route that is split, as it is written. */
export function splitSnapshot(backends: readonly WeightedBackend[], endpoints: Readonly<Record<string, readonly Endpoint[]>>): Snapshot {
  const rules = [route('split', { type: 'pathPrefix', value: '/' }, { action: forward({ backends }) })];
  const names = Object.keys(endpoints);
  const table = routeResource(routeConfiguration(rules), listener());
  return snapshotOf('default', [table, ...names.map((name) => cluster(name)), ...names.map((name) => assignment(name, endpoints[name] ?? []))]);
}

/** The shares of that route, in their order. */
export function sharesOf({ resources }: Snapshot): readonly (readonly [name: string, weight: number])[] {
  const { virtual_hosts = [] } = decode('envoy.config.route.v3.RouteConfiguration', resources.routes.get('default/80')?.bytes ?? new Uint8Array());
  const { clusters = [] } = virtual_hosts[0]?.routes?.[0]?.route?.weighted_clusters ?? {};
  return clusters.map(({ name = '', weight }) => [name, weight?.value ?? 0]);
}
