import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import type { Endpoint, EndpointOrigin } from '../ir/backend.ts';

/** How the endpoints of one pool warm up at this moment. */
export interface PoolWarmUp {
  /** `poolOf` its origin. */
  readonly name: string;
  readonly origin: EndpointOrigin;
  /** Names of its clusters, in whichever group. */
  readonly clusters: readonly string[];
  /** Who warms it up. */
  readonly by: 'Envoy' | 'Sluice';
  readonly windowMs: number;
  /** Whether no route sends requests to it, so that ages stand still. */
  readonly isIdle: boolean;
  readonly endpoints: readonly WarmingEndpoint[];
}

/** A pool that no route sends requests to. */
export interface IdlePool extends Pick<PoolWarmUp, 'clusters' | 'windowMs'> {
  readonly idleMs: number;
}

/** An endpoint, with the percent of its full weight that it has. */
interface WarmingEndpoint extends Endpoint {
  /** 1 to 100; 100: it is aged. */
  readonly percent: number;
}

/** A pool with young endpoints, in numbers. */
export interface WarmUpStatus extends Pick<PoolWarmUp, 'name' | 'by' | 'windowMs' | 'isIdle'> {
  /** How many of its healthy endpoints are young. */
  readonly young: number;
  readonly endpoints: number;
  /** Whether more than half of them are, and get requests: the few others cannot spare them much, or nobody can. */
  readonly isMostlyYoung: boolean;
}

/** Those pools that have young endpoints. */
export function warmUpStatuses(pools: readonly PoolWarmUp[]): readonly WarmUpStatus[] {
  return pools.flatMap(({ name, by, windowMs, isIdle, endpoints }) => {
    const healthy = endpoints.filter(({ health }) => health === 'healthy');
    const young = healthy.filter(({ percent }) => percent < 100).length;
    if (young === 0) return [];
    return [{ name, by, windowMs, isIdle, young, endpoints: healthy.length, isMostlyYoung: !isIdle && young * 2 > healthy.length }];
  });
}

/** Gives `MostEndpointsYoung`. @param at the object that the endpoints belong to. */
export function warmUpDiagnostics(pools: readonly PoolWarmUp[], at: (origin: EndpointOrigin) => Origin): readonly Diagnostic[] {
  return pools.flatMap((pool) => {
    const [status] = warmUpStatuses([pool]);
    if (!status?.isMostlyYoung) return [];
    const { young, endpoints: of } = status;
    const message = `${young} of ${of} endpoints of ${pool.name} are young: weights are relative, so ${young === of ? 'nobody is' : 'these are hardly'} spared.`;
    return [diagnostic('MostEndpointsYoung', at(pool.origin), message, 'Replace endpoints one by one, so that warm ones are left to take the requests.')];
  });
}
