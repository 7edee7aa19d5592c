import type { HashInput, LoadBalancer } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultLoadBalancer } from '../defaults.ts';
import type { PolicyContext, PolicySpec } from './policy.ts';

type Hash = NonNullable<NonNullable<PolicySpec['loadBalancer']>['hashOn']>[number];

/** How an endpoint is chosen. */
export function loadBalancerOf({ policy }: PolicyContext): LoadBalancer {
  const written = policy.spec.loadBalancer;
  if (!written) return defaultLoadBalancer;
  const { type } = written;
  if (type === 'LeastRequest') return { type, choices: written.choices ?? defaultLoadBalancer.choices ?? 2, hashOn: [] };
  return { type, hashOn: type === 'RingHash' || type === 'Maglev' ? (written.hashOn ?? []).map(hashInput) : [] };
}

function hashInput({ header, cookie, query }: Hash): HashInput {
  if (header !== undefined) return { type: 'header', name: header.toLowerCase() };
  if (cookie !== undefined) return { type: 'cookie', name: cookie.name, ...(cookie.ttl === undefined ? {} : { ttlMs: durationMs(cookie.ttl) }) };
  return query === undefined ? { type: 'clientAddress' } : { type: 'query', name: query };
}
