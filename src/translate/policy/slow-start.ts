import { diagnostic } from '../../diagnostic.ts';
import type { LoadBalancer, SlowStart } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultSlowStart } from '../defaults.ts';
import type { PolicyContext } from './policy.ts';

/**
 * Slow start: a new endpoint's share grows over a window instead of being full at once. Undefined: off.
 * Gives `SlowStartIgnored` where the load balancer does not know it, `SlowStartModeUnsupported` for the mode `Sluice`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
export function slowStartOf({ policy, report }: PolicyContext, { type }: LoadBalancer): SlowStart | undefined {
  const written = policy.spec.slowStart;
  if (!written || written.mode === 'Off') return undefined;
  if (type !== 'RoundRobin' && type !== 'LeastRequest') {
    const message = `The load balancer ${type} does not know slow start, so a new endpoint has its full share at once.`;
    report(diagnostic('SlowStartIgnored', policy.origin('slowStart'), message, 'Use RoundRobin or LeastRequest, or leave `slowStart` out.'));
    return undefined;
  }
  if (written.mode === 'Sluice') {
    const message = 'The mode Sluice is not there yet, so Envoy itself raises the share of a new endpoint.';
    report(diagnostic('SlowStartModeUnsupported', policy.origin('slowStart', 'mode'), message, 'Write `mode: Envoy`.'));
  }
  return {
    windowMs: written.window === undefined ? defaultSlowStart.windowMs : durationMs(written.window),
    aggression: written.aggression ?? defaultSlowStart.aggression,
    minWeightPercent: written.minWeightPercent ?? defaultSlowStart.minWeightPercent,
  };
}
