import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type DrainLimits, startOfDrain, stepDrain } from './drain-steps.ts';
import { type EnvoyAdmin, EnvoyAdminError, type EnvoyIdentity } from './envoy-admin.ts';
import type { OpenWork } from './open-work.ts';

/**
 * How a drain ended.
 * - `finished`: every request had its whole answer, and Envoy was ended, or is left to whoever ends it.
 * - `cut`: the time was over with requests open, and the same.
 * - `lost`: Envoy ended by itself, or by somebody else, while requests were open.
 * - `gone`: there was no Envoy from the start.
 * - `unanswered`: its admin page did not answer, so that Envoy may still run.
 * - `interrupted`: whoever asked for it went away. Envoy still drains, and was not ended.
 */
export type DrainOutcome = 'finished' | 'cut' | 'lost' | 'gone' | 'unanswered' | 'interrupted';

/** What became of an Envoy that was to end. */
export interface DrainResult extends Pick<OpenWork, 'connections' | 'requests'> {
  readonly outcome: DrainOutcome;
  /** Undefined: it never said. */
  readonly envoy?: EnvoyIdentity;
  /** Milliseconds from start to end. */
  readonly tookMs: number;
  /** Why it could not be asked; undefined where it could. */
  readonly reason?: string;
}

/** What is told while it goes on: once a step is done, and now and then what is open, where that changed. */
export interface DrainProgress {
  readonly step: 'failing' | 'refusing' | 'waiting';
  readonly envoy: EnvoyIdentity;
  /** Undefined: not looked at yet. */
  readonly open?: OpenWork;
}

export interface DrainOptions {
  readonly admin: EnvoyAdmin;
  readonly limits: DrainLimits;
  readonly clock: Clock;
  readonly onProgress: (progress: DrainProgress) => void;
  /** Whether whoever asked ends Envoy then. */
  readonly leavesRunning?: boolean;
  /** Stops the waiting; Envoy is not ended then. */
  readonly signal: AbortSignal;
}

const lookEveryMs = 250;
/** Envoy counts its uptime in whole seconds. */
const uptimeStepMs = 1000;
const tellEveryMs = 2000;
/** How long an Envoy that was told to end may take for it, before nobody waits any more. */
const endsWithinMs = 5000;

/**
 * Ends an Envoy in a way that no client notices: its health checks fail, then it refuses new connections, then it is ended when
 * nothing is open, or when the time is over. Where it ends by itself and the next takes its place, that one is left alone. May be called again, also while another one drains the same Envoy.
 */
export async function drainEnvoy({ admin, limits, clock, onProgress, leavesRunning = false, signal }: DrainOptions): Promise<DrainResult> {
  const startedAt = clock.steady();
  let state = startOfDrain(startedAt);
  let envoy: EnvoyIdentity | undefined;
  const ended = (outcome: DrainOutcome, error?: EnvoyAdminError): DrainResult => ({
    outcome,
    ...(envoy && { envoy }),
    connections: state.seen?.connections ?? 0,
    requests: state.seen?.requests ?? 0,
    tookMs: clock.steady() - startedAt,
    ...(error && { reason: error.message }),
  });

  let startedBy: number;
  try {
    envoy = await admin.identity();
    const uptimeMs = await admin.uptimeMs();
    // Not before the answer: however long that took, Envoy had started by then.
    startedBy = clock.steady() - uptimeMs;
    await admin.failHealthChecks();
  } catch (error) {
    const failure = failureOf(error);
    return ended(failure.reason === 'gone' ? 'gone' : 'unanswered', failure);
  }
  onProgress({ step: 'failing', envoy });
  const isSidecar = envoy.group.startsWith('sidecar/');
  let told: { readonly at: number; readonly open: OpenWork } | undefined;
  while (!signal.aborted) {
    const before = state;
    try {
      const askedAt = clock.steady();
      const isNext = askedAt - (await admin.uptimeMs()) > startedBy + uptimeStepMs;
      if (isNext) return ended(state.seen?.requests === 0 ? 'finished' : 'lost', new EnvoyAdminError('gone', 'another Envoy has taken its place'));
      const open = await admin.openWork();
      const { state: next, action } = stepDrain(before, open, clock.steady(), limits);
      if (action === 'refuse') await admin.refuseConnections(isSidecar);
      if (action === 'end' && !leavesRunning) await admin.quit();
      state = next;
      if (action === 'end') {
        if (!leavesRunning) await untilGone(admin, clock);
        return ended(open.requests === 0 ? 'finished' : 'cut');
      }
      const isOther = told?.open.connections !== open.connections || told.open.requests !== open.requests;
      if (action === 'refuse' || (isOther && clock.steady() - (told?.at ?? Number.NEGATIVE_INFINITY) >= tellEveryMs)) {
        told = { at: clock.steady(), open };
        onProgress({ step: action === 'refuse' ? 'refusing' : 'waiting', envoy, open });
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure.reason === 'gone') return ended(state.seen?.requests === 0 ? 'finished' : 'lost', failure);
      const { state: next, action } = stepDrain(before, undefined, clock.steady(), limits);
      state = next;
      if (action === 'end') return ended('unanswered', failure);
    }
    // Cut short by the signal, which the loop looks at.
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return ended('interrupted');
}

/** Whoever waits for the end of the drain may start the next Envoy on the same ports. */
async function untilGone(admin: EnvoyAdmin, clock: Clock): Promise<void> {
  const deadline = clock.steady() + endsWithinMs;
  while (clock.steady() < deadline) {
    try {
      await admin.identity();
    } catch (error) {
      if (failureOf(error).reason === 'gone') return;
    }
    await sleep(lookEveryMs / 5);
  }
}

function failureOf(error: unknown): EnvoyAdminError {
  if (error instanceof EnvoyAdminError) return error;
  throw error;
}
