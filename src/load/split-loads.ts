import type { Group } from '../ir/gateway.ts';
import type { LoadLedger } from './ledger.ts';
import { splitTableOf } from './splits.ts';

/** Requests to a cluster that is part of a split, since the start of the server. */
export interface SplitLoad {
  readonly group: string;
  readonly cluster: string;
  readonly succeeded: number;
  readonly failed: number;
}

/** The clusters of all splits of these groups, each once: few, where all clusters would be too many for a metric. */
export function splitLoads(groups: readonly Group[], load: Pick<LoadLedger, 'total'>): readonly SplitLoad[] {
  return groups.flatMap((group) => {
    const clusters = [...splitTableOf(group).splits.values()].flatMap(({ backends }) => backends.map(({ cluster }) => cluster));
    return [...new Set(clusters)].map((cluster) => ({ group: group.name, cluster, ...load.total(group.name, cluster) }));
  });
}
