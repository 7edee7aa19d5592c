import type { Group } from '../ir/gateway.ts';
import type { Resource } from '../resource.ts';
import { clusterResource } from './cluster.ts';
import { listenerResource } from './listener.ts';
import { routeResource } from './route.ts';
import { secretResource } from './secret.ts';

/** All resources of a group but for its endpoints, which have a lane of their own. */
export function groupResources(group: Group): Resource[] {
  return [
    ...group.secrets.map(secretResource),
    ...group.backends.map(clusterResource),
    ...group.listeners.map(listenerResource),
    ...group.routeConfigurations.flatMap((configuration) => {
      const listener = group.listeners.find(({ filterChains }) => filterChains.some((chain) => chain.routeConfiguration === configuration.name));
      return listener ? [routeResource(configuration, listener)] : [];
    }),
  ];
}
