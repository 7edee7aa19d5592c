/** What the statistics of an Envoy say of endpoints that are out. */
export interface OutStatistics {
  /** Whether a cluster has endpoints that get nothing: then it is worth to ask which. */
  readonly hasUnhealthy: boolean;
  /** How often endpoints were ejected, by cluster as statistics name it (see `statisticsName`), then by detector: `consecutive_5xx`. */
  readonly enforced: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** An endpoint as an Envoy sees it. */
export interface HostHealth {
  readonly cluster: string;
  readonly address: string;
  readonly port: number;
  readonly isEjected: boolean;
  readonly failsHealthCheck: boolean;
}

/** What is asked of `/stats`: few of the hundred numbers that each cluster has. */
export const outStatisticsQuery = `usedonly&format=json&filter=${encodeURIComponent('^cluster[.].*[.](membership_(healthy|total)|outlier_detection[.]ejections_enforced_.*)$')}`;

/** The name of a cluster in statistics, where colons have another meaning. */
export const statisticsName = (cluster: string): string => cluster.replaceAll(':', '_');

const enforcedName = /^cluster\.(.*)\.outlier_detection\.ejections_enforced_(.*)$/;
const membershipName = /^cluster\.(.*)\.membership_(healthy|total)$/;

/** Reads `/stats?format=json`. What has another form is left out. */
export function readOutStatistics(page: unknown): OutStatistics {
  const enforced = new Map<string, Map<string, number>>();
  const members = new Map<string, { healthy?: number; total?: number }>();
  for (const { name, value } of listIn(page, 'stats')) {
    if (typeof name !== 'string' || typeof value !== 'number') continue;
    const [, cluster, detector] = enforcedName.exec(name) ?? [];
    // The sum of all detectors.
    if (cluster !== undefined && detector !== undefined && detector !== 'total') {
      enforced.set(cluster, (enforced.get(cluster) ?? new Map()).set(detector, value));
    }
    const [, of, which] = membershipName.exec(name) ?? [];
    if (of !== undefined) members.set(of, { ...members.get(of), [which === 'total' ? 'total' : 'healthy']: value });
  }
  const hasUnhealthy = [...members.values()].some(({ healthy = 0, total = 0 }) => healthy < total);
  return { hasUnhealthy, enforced };
}

/** Reads `/clusters?format=json`: the endpoints that are out. */
export function readOutHosts(page: unknown): readonly HostHealth[] {
  return listIn(page, 'cluster_statuses').flatMap(({ name: cluster, host_statuses: hosts }) =>
    listIn({ hosts }, 'hosts').flatMap(({ address: at, health_status: health }) => {
      const { address, port_value: port } = objectIn(objectIn(at)['socket_address']);
      const { failed_outlier_check: ejected, failed_active_health_check: check } = objectIn(health);
      if (typeof cluster !== 'string' || typeof address !== 'string' || typeof port !== 'number') return [];
      return ejected === true || check === true ? [{ cluster, address, port, isEjected: ejected === true, failsHealthCheck: check === true }] : [];
    }),
  );
}

const objectIn = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {});

function listIn(page: unknown, key: string): readonly Readonly<Record<string, unknown>>[] {
  const list = objectIn(page)[key];
  return Array.isArray(list) ? list.map(objectIn) : [];
}
