import type { EndpointRow, EndpointWarmUp } from '../row/endpoint-rows.ts';
import type { Served } from './served.ts';

/** The rows, with how far each endpoint has come that is not aged. */
export function withWarmUps(rows: readonly EndpointRow[], served: Pick<Served, 'warmUps'>): readonly EndpointRow[] {
  const found = new Map<string, EndpointWarmUp>();
  for (const { clusters, endpoints, by, windowMs, isIdle } of served.warmUps?.() ?? []) {
    for (const { address, port, percent } of endpoints.filter((endpoint) => endpoint.percent < 100)) {
      for (const cluster of clusters) found.set(keyOf({ cluster, address, port }), { by, percent, windowMs, isIdle });
    }
  }
  return rows.map((row) => {
    const warmUp = found.get(keyOf(row));
    return warmUp ? { ...row, warmUp } : row;
  });
}

function keyOf({ cluster, address, port }: Pick<EndpointRow, 'cluster' | 'address' | 'port'>): string {
  return `${cluster} ${address} ${port}`;
}
