import { diagnostic } from '../../diagnostic.ts';
import type { EndpointOrigin, LoadBalancer, SlowStart } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultSlowStart } from '../defaults.ts';
import type { PolicyContext } from './policy.ts';

/** What raises the share of an endpoint under each load balancer: Envoy knows slow start in two of them, and weights in all but one. */
const raisers: Readonly<Record<LoadBalancer['type'], readonly SlowStart['by'][]>> = {
  RoundRobin: ['Envoy', 'Sluice'],
  LeastRequest: ['Envoy', 'Sluice'],
  RingHash: ['Sluice'],
  Maglev: ['Sluice'],
  Random: [],
};

/**
 * Slow start: a new endpoint's share grows over a window instead of being full at once. Undefined: off.
 * Gives `SlowStartIgnored` where the load balancer does not know it, `SlowStartModeUnsupported` where Sluice does not know the endpoints.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
export function slowStartOf({ policy, report }: PolicyContext, { type }: LoadBalancer, endpoints: EndpointOrigin): SlowStart | undefined {
  const written = policy.spec.slowStart;
  if (!written || written.mode === 'Off') return undefined;
  const asked = written.mode ?? 'Envoy';
  const isKnown = endpoints.type === 'service' || endpoints.type === 'static';
  if (asked === 'Sluice' && !isKnown) {
    const message = 'Envoy resolves the names of this backend itself, so that Sluice does not know its endpoints; Envoy raises the share of a new one.';
    report(diagnostic('SlowStartModeUnsupported', policy.origin('slowStart', 'mode'), message, 'Write addresses instead of names, or `mode: Envoy`.'));
  }
  const by = isKnown ? asked : 'Envoy';
  if (!raisers[type].includes(by)) {
    const message = `The load balancer ${type} does not ${type === 'Random' ? 'go by weights' : 'know slow start'}, so a new endpoint has its full share at once.`;
    const remedy =
      raisers[type].includes('Sluice') && isKnown
        ? 'Write `mode: Sluice`, or leave `slowStart` out.'
        : 'Use RoundRobin or LeastRequest, or leave `slowStart` out.';
    report(diagnostic('SlowStartIgnored', policy.origin('slowStart'), message, remedy));
    return undefined;
  }
  return {
    by,
    windowMs: written.window === undefined ? defaultSlowStart.windowMs : durationMs(written.window),
    aggression: written.aggression ?? defaultSlowStart.aggression,
    minWeightPercent: written.minWeightPercent ?? defaultSlowStart.minWeightPercent,
  };
}
