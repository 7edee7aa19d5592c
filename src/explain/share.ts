import { formatAddress } from '../address.ts';
import type { Backend } from '../ir/backend.ts';
import { unresolvedCluster } from '../ir/names.ts';
import type { Route, WeightedBackend } from '../ir/route.ts';
import type { WrittenAt } from '../ir/written-at.ts';
import type { Snapshot } from '../resource.ts';
import type { EndpointStep, ForwardOutcome, Setting, Share } from './explanation.ts';
import { headerChangesOf } from './header-change.ts';
import { type AssignmentMessage, assignmentOf, clusterOf, milliseconds, type RouteActionMessage, type RouteMessage } from './messages.ts';
import type { OriginIndex } from './origins.ts';
import { backendSettings } from './settings.ts';

/** The clusters of an action with their shares, their endpoints and where each was written; last those that get nothing for the moment. */
export function sharesOf(snapshot: Snapshot, action: RouteActionMessage, route: Route | undefined, origins: OriginIndex): Share[] {
  const split = action.weighted_clusters;
  const entries = split?.clusters ?? [{ name: action.cluster ?? '', weight: { value: 1 } }];
  const idle = idleBackends(entries, route);
  const weighted = split?.use_hash_policy?.value || idle.length > 0 ? withoutPlaces(entries) : entries;
  const weights = weighted.map(({ weight }) => weight?.value ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const percentOf = (weight: number): number => (total === 0 ? 0 : (weight / total) * 100);
  const base = (cluster: string, written: WeightedBackend | undefined) => ({
    cluster,
    endpoints: endpointsOf(snapshot, cluster),
    settings: settingsOf(origins.backend(cluster), written?.writtenAt),
    origins: [...(written?.origins ?? []), ...(snapshot.resources.clusters.get(cluster)?.origins ?? [])],
  });
  const shares = weighted.map((cluster, index): Share => {
    const name = cluster.name ?? '';
    const headers = headerChangesOf(cluster);
    return {
      ...base(name, writtenShare(route, name, index, weighted !== entries)),
      percent: percentOf(weights[index] ?? 0),
      ...(cluster.host_rewrite_literal && { newHost: cluster.host_rewrite_literal }),
      ...(headers && { headers }),
      state: name === unresolvedCluster ? 'unresolved' : snapshot.resources.clusters.has(name) ? 'served' : 'missing',
    };
  });
  // In a sticky split places stand for weights, so that what was written is taken from there.
  const writtenTotal = backendsOf(route).reduce((sum, { weight }) => sum + weight, 0);
  const without = idle.map((one): Share => ({ ...base(one.cluster ?? '', one), percent: 0, state: 'idle', writtenPercent: (one.weight / writtenTotal) * 100 }));
  return [...shares, ...without];
}

function settingsOf(backend: Backend | undefined, askedAt: WrittenAt | undefined): readonly Setting[] {
  return backend ? backendSettings(backend, askedAt) : [];
}

type WeightedClusters = NonNullable<NonNullable<RouteActionMessage['weighted_clusters']>['clusters']>;

function backendsOf(route: Route | undefined): readonly WeightedBackend[] {
  return route?.action.type === 'forward' ? route.action.backends : [];
}

/** Those in whose place another one stands, as none of their endpoints is ready. */
function idleBackends(entries: WeightedClusters, route: Route | undefined): readonly WeightedBackend[] {
  const names = new Set(entries.map(({ name }) => name));
  return backendsOf(route).filter(({ cluster, weight }) => cluster !== undefined && weight > 0 && !names.has(cluster));
}

/** A cluster may stand in the list several times, for each run of its places in a sticky split, and for those that are idle: that is one share. */
function withoutPlaces(runs: WeightedClusters): WeightedClusters {
  const clusters = new Map<string, WeightedClusters[number]>();
  for (const run of runs) {
    const known = clusters.get(run.name ?? '');
    clusters.set(run.name ?? '', { ...run, weight: { value: (known?.weight?.value ?? 0) + (run.weight?.value ?? 0) } });
  }
  return [...clusters.values()];
}

/** Backends of the representation and clusters of the split have the same order, unless they were put together; names alone may come twice. */
function writtenShare(route: Route | undefined, cluster: string, index: number, isTogether: boolean): WeightedBackend | undefined {
  const backends = backendsOf(route);
  return isTogether ? backends.find((one) => (one.cluster ?? unresolvedCluster) === cluster) : backends[index];
}

/** Those of EDS, or those that the cluster itself names. */
function endpointsOf(snapshot: Snapshot, cluster: string): EndpointStep[] {
  const byEds = snapshot.resources.endpoints.get(cluster);
  if (byEds) return stepsOf(assignmentOf(byEds));
  const resource = snapshot.resources.clusters.get(cluster);
  return stepsOf(resource && clusterOf(resource).load_assignment);
}

const healths = { DRAINING: 'draining', UNHEALTHY: 'unhealthy', TIMEOUT: 'unhealthy' } as const;

function stepsOf(assignment: AssignmentMessage | null | undefined): EndpointStep[] {
  return (assignment?.endpoints ?? []).flatMap(({ locality, lb_endpoints }) =>
    (lb_endpoints ?? []).map(({ endpoint, health_status, load_balancing_weight }) => {
      const { address = '', port_value = 0 } = endpoint?.address?.socket_address ?? {};
      return {
        address: formatAddress({ host: address, port: port_value }),
        health: healths[health_status as keyof typeof healths] ?? 'healthy',
        weight: load_balancing_weight?.value ?? 1,
        ...(locality?.zone && { zone: locality.zone }),
      };
    }),
  );
}

/** After which failures requests that may be sent twice are tried again besides: what the route says, or the usual where its filter is not switched off. */
function idempotentFailures({ metadata, typed_per_filter_config }: RouteMessage): string | undefined {
  const said = metadata?.filter_metadata?.['sluice']?.fields?.['retry-on-idempotent']?.stringValue;
  return said ?? (typed_per_filter_config?.['envoy.filters.http.match_delegate.idempotent_retries'] ? undefined : 'reset');
}

/** What an action says of time, retries and copies. @param listenerIdleMs of the connection manager, where the route has none of its own. */
export function handlingOf(
  message: RouteMessage,
  listenerIdleMs: number,
): Pick<ForwardOutcome, 'mirrors' | 'timeoutMs' | 'endsAtDeadline' | 'streamIdleMs' | 'perTryIdleMs' | 'retry'> {
  const action = message.route ?? {};
  const { retry_policy, max_stream_duration } = action;
  const onIdempotent = idempotentFailures(message);
  return {
    mirrors: (action.request_mirror_policies ?? []).map(({ cluster = '', runtime_fraction }) => ({
      cluster,
      percent: runtime_fraction?.default_value ? (runtime_fraction.default_value.numerator ?? 0) / 10_000 : 100,
    })),
    timeoutMs: milliseconds(max_stream_duration?.max_stream_duration ?? action.timeout, 15_000),
    endsAtDeadline: Boolean(max_stream_duration?.grpc_timeout_header_max),
    streamIdleMs: milliseconds(action.idle_timeout, listenerIdleMs),
    ...(retry_policy?.per_try_idle_timeout && { perTryIdleMs: milliseconds(retry_policy.per_try_idle_timeout, 0) }),
    ...(retry_policy?.retry_on && {
      retry: {
        on: retry_policy.retry_on.split(','),
        ...(onIdempotent && { onIdempotent: onIdempotent.split(',') }),
        count: retry_policy.num_retries?.value ?? 1,
        ...(retry_policy.per_try_timeout && { perTryTimeoutMs: milliseconds(retry_policy.per_try_timeout, 0) }),
      },
    }),
  };
}
