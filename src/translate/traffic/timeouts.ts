import type { RouteTimeouts } from '../../ir/route.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultGrpcTimeouts, defaultRouteTimeouts } from '../defaults.ts';
import type { TrafficSpec } from './effective.ts';

/** What an HTTPRoute says of times. @see https://gateway-api.sigs.k8s.io/geps/gep-1742/ */
export interface RouteTimes {
  readonly request?: string | undefined;
  readonly backendRequest?: string | undefined;
}

/** How long requests may take: what the rule of an HTTPRoute says itself, over what policies say, over the defaults. @param grpc whether they are gRPC calls. @param weakest instead of the defaults. */
export function timeoutsOf({ retries, timeouts }: TrafficSpec, written: RouteTimes | undefined, grpc: boolean, weakest?: RouteTimeouts): RouteTimeouts {
  const request = written?.request ?? timeouts?.request;
  const perTry = written?.backendRequest ?? retries?.perTryTimeout;
  const perTryMs = perTry === undefined ? 0 : durationMs(perTry);
  return {
    ...(weakest ?? (grpc ? defaultGrpcTimeouts : defaultRouteTimeouts)),
    ...(request !== undefined && { requestMs: durationMs(request) }),
    ...(perTryMs > 0 && { perTryMs }),
    ...(timeouts?.streamIdle !== undefined && { streamIdleMs: durationMs(timeouts.streamIdle) }),
  };
}
