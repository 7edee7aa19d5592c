import type { OutlierDetection } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import { defaultOutlierDetection, defaultSuccessRate } from '../defaults.ts';
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
    ...failurePercentageOf(written.failurePercentage),
  };
}

type FailurePercentage = NonNullable<OutlierDetection['failurePercentage']>;

/** A threshold of 0 is off, as 0 is of all that counts. */
function failurePercentageOf(written: { readonly [Key in keyof FailurePercentage]?: number | undefined } = {}): Pick<OutlierDetection, 'failurePercentage'> {
  const { failurePercentage } = defaultOutlierDetection;
  return written.threshold === 0 || !failurePercentage ? {} : { failurePercentage: filled(failurePercentage, written) };
}

/** The defaults, with what is written over them. */
function filled<Field extends string>(
  defaults: Readonly<Record<Field, number>>,
  written: Readonly<Partial<Record<Field, number | undefined>>>,
): Readonly<Record<Field, number>> {
  const present = Object.entries(written).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}
