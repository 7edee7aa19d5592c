import { formatAddress } from '../address.ts';
import type { Engine } from '../engine/engine.ts';
import type { IdleTime } from '../revision/cold-clusters.ts';
import type { YoungEndpoint } from '../revision/consequences.ts';

/** By cluster, the endpoints whose window is not over. */
export function youngEndpoints(pools: ReturnType<Engine['warmUps']>): ReadonlyMap<string, readonly YoungEndpoint[]> {
  const found = new Map<string, readonly YoungEndpoint[]>();
  for (const { clusters, endpoints } of pools) {
    const young = endpoints.filter(({ percent }) => percent < 100);
    if (young.length === 0) continue;
    const told = young.map(({ address, port, percent }) => ({ address: formatAddress({ host: address, port }), percent }));
    for (const cluster of clusters) found.set(cluster, told);
  }
  return found;
}

/** By cluster, how long those had no requests that get none. */
export function idleTimes(pools: ReturnType<Engine['idlePools']>): ReadonlyMap<string, IdleTime> {
  return new Map(pools.flatMap(({ clusters, idleMs, windowMs }) => clusters.map((cluster) => [cluster, { idleMs, windowMs }] as const)));
}
