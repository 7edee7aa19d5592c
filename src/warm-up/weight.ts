import type { SlowStart } from '../ir/backend.ts';

/** What a curve is drawn from. */
export type Curve = Pick<SlowStart, 'windowMs' | 'aggression' | 'minWeightPercent'>;

/** Into how many steps a window is cut: few enough that each endpoint costs nine pushes at the most, and each step is small. */
const steps = 10;
/** Steps are no shorter than this, so that short windows have fewer. */
const shortestStepMs = 100;

/** How long a share stays the same, in whole milliseconds. */
export function stepMsOf({ windowMs }: Pick<Curve, 'windowMs'>): number {
  return Math.ceil(windowMs / Math.min(steps, Math.max(1, Math.floor(windowMs / shortestStepMs))));
}

/** The age from which on an endpoint has its full share, in milliseconds: the window, filled up to whole steps. */
export function agedAfterMs(curve: Pick<Curve, 'windowMs'>): number {
  const stepMs = stepMsOf(curve);
  return Math.ceil(curve.windowMs / stepMs) * stepMs;
}

/**
 * Share of its full weight that an endpoint of this age has, in whole percent from 1 to 100. It grows in steps, and never runs ahead
 * of the curve that Envoy follows, `(age / window) ^ (1 / aggression)`.
 * @param ageMs since its window began; below 0 counts as 0.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
export function sharePercent(ageMs: number, curve: Curve): number {
  if (ageMs >= agedAfterMs(curve)) return 100;
  const stepMs = stepMsOf(curve);
  const reachedMs = Math.floor(Math.max(0, ageMs) / stepMs) * stepMs;
  const grown = Math.floor(100 * (reachedMs / curve.windowMs) ** (1 / curve.aggression));
  return Math.max(1, Math.ceil(curve.minWeightPercent), grown);
}
