import type { Backend } from '../ir/backend.ts';
import { defaultCircuitBreaker, defaultConnectTimeoutMs, defaultIdleTimeoutMs, defaultLoadBalancer, defaultPanicThresholdPercent } from './defaults.ts';

/** A backend that no policy can be attached to, as it is not an object: it has the defaults, but neither checks nor ejection. */
export function plainBackend({
  protocol = 'http1',
  ...own
}: Pick<Backend, 'name' | 'endpoints' | 'origins'> & Partial<Pick<Backend, 'protocol' | 'loadBalancer' | 'tls'>>): Backend {
  return {
    protocol,
    loadBalancer: defaultLoadBalancer,
    healthChecks: [],
    circuitBreaker: defaultCircuitBreaker,
    connectTimeoutMs: defaultConnectTimeoutMs,
    idleTimeoutMs: defaultIdleTimeoutMs[protocol],
    preferLocalZone: false,
    panicThresholdPercent: defaultPanicThresholdPercent,
    ...own,
  };
}
