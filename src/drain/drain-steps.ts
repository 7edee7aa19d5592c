import type { OpenWork } from './open-work.ts';

/** How long a drain takes at the least and at the most; all in milliseconds. */
export interface DrainLimits {
  /** From the failing of health checks until new connections are refused: what load balancers need to notice. */
  readonly noticeMs: number;
  /**
   * Connections that are idle are closed once no request came on any for this long. Envoy tells a client to close a connection
   * in an answer only, so idle ones stay for as long as their clients keep them.
   */
  readonly quietMs: number;
  /** From the start until Envoy is ended whatever is open. */
  readonly timeoutMs: number;
}

/** Above what most load balancers need (checks every 5 s, two that fail), and as long as a person waits without a thought. */
export const defaultDrainLimits: DrainLimits = { noticeMs: 10_000, quietMs: 3_000, timeoutMs: 60_000 };

/** How far a drain is. All times are of one clock that never jumps. */
export interface DrainState {
  readonly startedAt: number;
  /** `notice`: health checks fail, and new connections are taken. `closing`: they are refused. */
  readonly phase: 'notice' | 'closing';
  /** When a request was open, or had come since the look before, the last time that somebody looked. */
  readonly activeAt: number;
  /** What was open at the last look; undefined before the first. */
  readonly seen: OpenWork | undefined;
}

/** What follows from a look at Envoy. */
interface DrainStep {
  /** What holds once the action is done; where it fails, the next look begins from what held before. */
  readonly state: DrainState;
  /** `refuse`: new connections. `end`: Envoy, as everything has finished, or as the time is over and what is open is cut. */
  readonly action: 'wait' | 'refuse' | 'end';
}

/** Health checks have just been made to fail. */
export function startOfDrain(now: number): DrainState {
  return { startedAt: now, phase: 'notice', activeAt: now, seen: undefined };
}

/**
 * What follows from a look at Envoy.
 * @param open undefined: it did not answer. Then only the time may bring the end.
 */
export function stepDrain(before: DrainState, open: OpenWork | undefined, now: number, limits: DrainLimits): DrainStep {
  const isActive = open !== undefined && (open.requests > 0 || open.requestsSoFar !== before.seen?.requestsSoFar);
  const state: DrainState = { ...before, activeAt: isActive ? now : before.activeAt, seen: open ?? before.seen };
  const sinceStart = now - state.startedAt;
  if (sinceStart >= limits.timeoutMs) return { state, action: 'end' };
  if (!open) return { state, action: 'wait' };
  if (state.phase === 'notice') {
    return sinceStart < limits.noticeMs ? { state, action: 'wait' } : { state: { ...state, phase: 'closing' }, action: 'refuse' };
  }
  const isEmpty = open.requests === 0 && (open.connections === 0 || now - state.activeAt >= limits.quietMs);
  return { state, action: isEmpty ? 'end' : 'wait' };
}
