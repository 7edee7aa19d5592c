import { type HostHealth, type OutStatistics, statisticsName } from './admin-pages.ts';

/** An endpoint that an Envoy sends nothing to, and why. */
export interface OutEndpoint {
  readonly cluster: string;
  readonly address: string;
  readonly port: number;
  /** In words. Undefined: it was out when this Envoy was first asked, or several detectors took endpoints out at once. */
  readonly reason?: string;
  /** About how long it stays out, in milliseconds. Undefined: not known, or it is not ejected. */
  readonly leftMs?: number;
  /** It stays out until a health check passes, if not longer. */
  readonly awaitsCheck?: true;
}

/** How long endpoints of a cluster are ejected, as it is configured. */
export interface EjectionTimes {
  readonly baseMs: number;
  readonly mostMs: number;
  readonly intervalMs: number;
}

/** How often an Envoy ejected endpoints up to now. */
type Counts = Pick<OutStatistics, 'enforced'>;

/** Follows which endpoints one Envoy leaves out. */
export interface EjectionTracker {
  /** @param now by a clock that never jumps. */
  look(statistics: Counts, hosts: readonly HostHealth[], timesOf: (cluster: string) => EjectionTimes | undefined, now: number): void;
  list(now: number): readonly OutEndpoint[];
}

interface Seen {
  readonly host: HostHealth;
  readonly reason?: string;
  /** When it comes back, by the clock of `look`; undefined: not known. */
  readonly until?: number;
}

/** How often an endpoint was ejected, which each time of good conduct makes less: what the next ejection takes. */
interface Conduct {
  readonly ejections: number;
  readonly freeSince?: number;
}

const words: Readonly<Record<string, string>> = {
  consecutive_5xx: 'answers 5xx in a row',
  consecutive_gateway_failure: 'gateway errors in a row',
  consecutive_local_origin_failure: 'failed connections in a row',
  success_rate: 'less success than the others',
  local_origin_success_rate: 'less success of connections than the others',
  failure_percentage: 'too large a part failed',
  local_origin_failure_percentage: 'too large a part of connections failed',
};

const keyOf = ({ cluster, address, port }: HostHealth): string => `${cluster} ${address} ${port}`;

/** Makes one for an Envoy that was not asked yet. */
export function createEjectionTracker(): EjectionTracker {
  let seen = new Map<string, Seen>();
  let before: Counts | undefined;
  const conducts = new Map<string, Conduct>();

  function reasonOf(cluster: string, { enforced }: Counts): string | undefined {
    if (!before) return undefined;
    const name = statisticsName(cluster);
    const old = before.enforced.get(name);
    const risen = [...(enforced.get(name) ?? [])].filter(([detector, count]) => count > (old?.get(detector) ?? 0)).map(([detector]) => detector);
    const [only, ...others] = risen;
    return only === undefined || others.length > 0 ? undefined : (words[only] ?? only);
  }

  /** How often it was ejected before as far as that still counts: once less for each interval in which it was in. */
  function ejectionsBefore(key: string, intervalMs: number, now: number): number {
    const { ejections = 0, freeSince = now } = conducts.get(key) ?? {};
    return Math.max(0, ejections - Math.floor((now - freeSince) / intervalMs));
  }

  function begun(host: HostHealth, statistics: Counts, times: EjectionTimes | undefined, now: number): Seen {
    const key = keyOf(host);
    const reason = reasonOf(host.cluster, statistics);
    // Out since before the first look: for how long, nobody here knows.
    if (!before || !times) return { host, ...(reason === undefined ? {} : { reason }) };
    const ejections = ejectionsBefore(key, times.intervalMs, now) + 1;
    conducts.set(key, { ejections });
    return { host, ...(reason === undefined ? {} : { reason }), until: now + Math.min(times.baseMs * ejections, Math.max(times.baseMs, times.mostMs)) };
  }

  return {
    look(statistics, hosts, timesOf, now) {
      const next = new Map<string, Seen>();
      for (const host of hosts) {
        const key = keyOf(host);
        const known = seen.get(key);
        if (!host.isEjected) next.set(key, { host });
        else next.set(key, known?.host.isEjected ? { ...known, host } : begun(host, statistics, timesOf(host.cluster), now));
      }
      for (const key of seen.keys()) {
        const conduct = conducts.get(key);
        if (conduct && !next.get(key)?.host.isEjected) conducts.set(key, { ...conduct, freeSince: now });
      }
      for (const [key, { freeSince }] of conducts) if (freeSince !== undefined && now - freeSince > forgottenMs) conducts.delete(key);
      seen = next;
      before = statistics;
    },
    list: (now) =>
      [...seen.values()].map(({ host: { cluster, address, port, isEjected, failsHealthCheck }, reason, until }) => {
        const why = [isEjected ? reason : undefined, failsHealthCheck ? 'fails health checks' : undefined].filter((one) => one !== undefined);
        return {
          cluster,
          address,
          port,
          ...(why.length > 0 ? { reason: why.join(', ') } : {}),
          ...(until === undefined ? {} : { leftMs: Math.max(0, until - now) }),
          ...(failsHealthCheck && { awaitsCheck: true as const }),
        };
      }),
  };
}

/** After this nothing of former ejections counts, whatever the interval. */
const forgottenMs = 3_600_000;
