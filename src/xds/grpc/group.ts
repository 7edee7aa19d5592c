import type { DialName, Group } from '../../ir/gateway.ts';
import type { Resource } from '../../resource.ts';
import { grpcClusterResource, isUsable, unresolvedResources } from './cluster.ts';
import { grpcListenerResource } from './listener.ts';
import { grpcRouteResource } from './route.ts';

/** All resources of a group of gRPC clients, but for the endpoints of its backends. They ask for each by its name. */
export function grpcResources({ backends, routeConfigurations }: Group, dialNames: readonly DialName[]): Resource[] {
  const usable = backends.filter(isUsable);
  const clusters = new Set(usable.map(({ name }) => name));
  return [
    ...unresolvedResources(),
    ...usable.map(grpcClusterResource),
    ...dialNames.map(grpcListenerResource),
    ...routeConfigurations.map((configuration) => grpcRouteResource(configuration, clusters)),
  ];
}
