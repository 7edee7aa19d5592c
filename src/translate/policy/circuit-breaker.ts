import type { CircuitBreaker } from '../../ir/backend.ts';
import { defaultCircuitBreaker } from '../defaults.ts';
import type { PolicyContext } from './policy.ts';

/** Limits of each Envoy towards a backend. */
export function circuitBreakerOf({ policy }: PolicyContext): CircuitBreaker {
  const { maxConnections, maxPendingRequests, maxRequests, retryBudget } = policy.spec.circuitBreaker ?? {};
  const defaults = defaultCircuitBreaker;
  return {
    maxConnections: maxConnections ?? defaults.maxConnections,
    maxPendingRequests: maxPendingRequests ?? defaults.maxPendingRequests,
    maxRequests: maxRequests ?? defaults.maxRequests,
    retryBudget: {
      percent: retryBudget?.percent ?? defaults.retryBudget.percent,
      minConcurrent: retryBudget?.minConcurrent ?? defaults.retryBudget.minConcurrent,
    },
  };
}
