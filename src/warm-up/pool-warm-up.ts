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

/** An endpoint, with the percent of its full weight that it has. */
interface WarmingEndpoint extends Endpoint {
  /** 1 to 100; 100: it is aged. */
  readonly percent: number;
}

/** How many of the healthy endpoints of a pool are young. */
function youngCount({ endpoints }: PoolWarmUp): { readonly young: number; readonly of: number } {
  const healthy = endpoints.filter(({ health }) => health === 'healthy');
  return { young: healthy.filter(({ percent }) => percent < 100).length, of: healthy.length };
}

/** Whether more than half of the healthy endpoints are young, so that the few others cannot spare them much, or nobody can. */
function isMostlyYoung(pool: PoolWarmUp): boolean {
  const { young, of } = youngCount(pool);
  return !pool.isIdle && young * 2 > of;
}

/** Gives `MostEndpointsYoung`. @param at the object that the endpoints belong to. */
export function warmUpDiagnostics(pools: readonly PoolWarmUp[], at: (origin: EndpointOrigin) => Origin): readonly Diagnostic[] {
  return pools.filter(isMostlyYoung).map((pool) => {
    const { young, of } = youngCount(pool);
    const message = `${young} of ${of} endpoints of ${pool.name} are young: weights are relative, so ${young === of ? 'nobody is' : 'these are hardly'} spared.`;
    return diagnostic('MostEndpointsYoung', at(pool.origin), message, 'Replace endpoints one by one, so that warm ones are left to take the requests.');
  });
}
