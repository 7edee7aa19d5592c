import type { OutlierDetection } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultFailurePercentage, defaultOutlierDetection, defaultSuccessRate } from '../defaults.ts';
import type { PolicyContext } from './policy.ts';

/**
 * Endpoints that fail are left out for a while. Undefined: off.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 */
export function outlierDetectionOf({ policy }: PolicyContext): OutlierDetection | undefined {
  const written = policy.spec.outlierDetection ?? {};
  if (written.preset === 'Off') return undefined;
  const auto = defaultOutlierDetection;
  const baseEjectionMs = written.baseEjection === undefined ? auto.baseEjectionMs : durationMs(written.baseEjection);
  return {
    intervalMs: written.interval === undefined ? auto.intervalMs : durationMs(written.interval),
    baseEjectionMs,
    // Envoy refuses a maximum below the base.
    maxEjectionMs: Math.max(baseEjectionMs, written.maxEjection === undefined ? auto.maxEjectionMs : durationMs(written.maxEjection)),
    maxEjectionPercent: written.maxEjectionPercent ?? auto.maxEjectionPercent,
    alwaysEjectOne: written.alwaysEjectOne ?? auto.alwaysEjectOne,
    consecutive5xx: written.consecutive5xx ?? auto.consecutive5xx,
    consecutiveGatewayErrors: written.consecutiveGatewayErrors ?? auto.consecutiveGatewayErrors,
    ...(written.consecutiveLocalErrors === undefined ? {} : { consecutiveLocalErrors: written.consecutiveLocalErrors }),
    ...(written.successRate === undefined ? {} : { successRate: filled(defaultSuccessRate, written.successRate) }),
    ...(written.failurePercentage === undefined ? {} : { failurePercentage: filled(defaultFailurePercentage, written.failurePercentage) }),
  };
}

/** The defaults, with what is written over them. */
function filled<Field extends string>(
  defaults: Readonly<Record<Field, number>>,
  written: Readonly<Partial<Record<Field, number | undefined>>>,
): Readonly<Record<Field, number>> {
  const present = Object.entries(written).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}
