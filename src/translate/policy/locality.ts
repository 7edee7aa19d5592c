import { diagnostic } from '../../diagnostic.ts';
import type { LoadBalancer } from '../../ir/backend.ts';
import type { PolicyContext } from './policy.ts';

/**
 * Whether endpoints of Envoy's own zone come first.
 * Gives `LocalityIgnored` for RingHash and Maglev, where the hash alone decides.
 */
export function prefersLocalZone({ policy, report }: PolicyContext, { type }: LoadBalancer): boolean {
  if (policy.spec.locality?.prefer !== 'Zone') return false;
  if (type !== 'RingHash' && type !== 'Maglev') return true;
  const message = `With the load balancer ${type} the hash alone chooses the endpoint, so zones make no difference.`;
  report(diagnostic('LocalityIgnored', policy.origin('locality'), message, 'Use another load balancer, or leave `locality` out.'));
  return false;
}
