import type { RouteChange } from './route-diff.ts';

/** How long a cluster had no requests. */
export interface IdleTime {
  readonly idleMs: number;
  /** After how long without requests its endpoints are cold. */
  readonly windowMs: number;
}

/** A cluster whose endpoints are all cold, as it had no requests for long, and that gets some by a change, at once. */
export interface ColdCluster extends IdleTime {
  readonly cluster: string;
  /** Name of the route that gives it the largest part of its requests. */
  readonly route: string;
  /** That part, above 0, up to 1. */
  readonly share: number;
}

/** The clusters that are cold and get requests. @param idle by cluster, of those that have none before the change. */
export function coldClusters(routes: readonly RouteChange[], idle: ReadonlyMap<string, IdleTime>): readonly ColdCluster[] {
  const found = new Map<string, ColdCluster>();
  for (const { configuration, name, after } of routes) {
    if (after?.type !== 'forward') continue;
    for (const { cluster, share } of after.split) {
      const time = idle.get(cluster);
      if (!time || time.idleMs < time.windowMs || share <= (found.get(cluster)?.share ?? 0)) continue;
      found.set(cluster, { cluster, ...time, route: `${configuration} ${name}`, share });
    }
  }
  return [...found.values()];
}
