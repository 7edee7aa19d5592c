import { hash } from 'node:crypto';
import type { Facts } from '../conditions/facts.ts';
import type { WantedStatus } from '../conditions/said.ts';
import { programmedIn, statusBody } from '../conditions/status-body.ts';
import { createWanting } from '../conditions/wanted.ts';
import type { Kind } from '../kind/index.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { applyStatus, isConflict, says } from '../kubernetes/apply-status.ts';
import { createBackOff } from '../kubernetes/back-off.ts';
import { createGate } from '../kubernetes/gate.ts';
import { reasonOf } from '../reason.ts';
import { keyText } from '../store/sink.ts';
import { inTurns } from '../turn.ts';
import type { Work } from '../work.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';
import { createLooks } from './looks.ts';

const gatherMs = 300;
const pauseMs = 1000;
/** What is about to change by itself is written after so long: an Envoy that connects, an answer that is acknowledged. */
const settleMs = 10_000;
/** All that is there is compared again after so long, as others may have written. */
const compareMs = 600_000;
/** Where no status may be written, that of one object is tried again after so long. */
const forbiddenMs = 60_000;
/** Requests under way at once. */
const parallel = 8;
/** After so many it is looked again whether they are still right. */
const mostAtOnce = 400;
/** So often somebody else may write just first before that is told. */
const usualConflicts = 5;

/**
 * Writes the status of objects: conditions, addresses, counts of routes. What is said already is not written, and what changed
 * is written once. What others wrote, a leader before this one too, is told by the source.
 */
export function createStatusWriter({ client, clock, log, live, mayWrite, onWrite, facts: factsNow }: WriterContext): ClusterWriter {
  const wanting = createWanting();
  const gate = createGate(parallel);
  /** By uid: what is said of the object, as `digest` has it. */
  const written = new Map<string, string>();
  /** By uid: what was wanted when it was found to be said. */
  const done = new Map<string, WantedStatus>();
  /** By uid: the generation that is in force in all Envoys. */
  const programmed = new Map<string, number>();
  const settlingSince = new Map<string, number>();
  const failing = new Map<string, Failure>();
  /** Kinds of which it was told. */
  const forbidden = new Set<string>();
  /** By kind and namespace: until when none of its objects is asked for. */
  const forbiddenUntil = new Map<string, number>();
  let comparedAt: number | undefined;
  /** Nothing was to be written for these, nor will be. */
  let settled: Facts | undefined;
  const looks = createLooks({
    clock,
    gatherMs,
    pauseMs,
    look: write,
    onError: (error) => log.warn({ reason: reasonOf(error) }, 'the status of objects cannot be written now'),
  });

  const wasProgrammed = (uid: string, generation: number): boolean => programmed.get(uid) === generation;

  async function write(signal: AbortSignal): Promise<number> {
    if (!mayWrite()) return pauseMs;
    const facts = factsNow();
    if (!facts) return pauseMs;
    if (comparedAt === undefined || clock.steady() - comparedAt > compareMs) {
      await inTurns(compare(facts), signal);
      comparedAt = clock.steady();
      settled = undefined;
    }
    if (facts === settled) return pauseMs * 10;
    const due = await inTurns(dueOf(facts), signal);
    if (due.length + settlingSince.size + failing.size === 0) settled = facts;
    const now = due.slice(0, mostAtOnce);
    await Promise.all(
      now.map((wanted) =>
        gate(async () => {
          if (!signal.aborted && mayWrite()) await apply(wanted, signal);
        }),
      ),
    );
    if (due.length > now.length) return 0;
    return settlingSince.size + failing.size > 0 ? pauseMs : pauseMs * 10;
  }

  function* dueOf(facts: Facts): Work<readonly WantedStatus[]> {
    const all = yield* wanting(facts, wasProgrammed);
    forgetGone(all);
    const due: WantedStatus[] = [];
    for (const wanted of all) {
      if (isDue(wanted)) due.push(wanted);
      yield;
    }
    return due;
  }

  function isDue(wanted: WantedStatus): boolean {
    const { uid, said, isSettling } = wanted;
    if (done.get(uid) === wanted) return false;
    const settling = settlingSince.get(uid);
    if (isSettling && settling !== undefined && clock.steady() - settling < settleMs) return false;
    const known = written.get(uid);
    // Nothing was said, and nothing is to be.
    const isNothing = known === undefined && 'entries' in said && said.entries.length === 0;
    if (isNothing || known === digest(wanted)) {
      done.set(uid, wanted);
      settlingSince.delete(uid);
      return false;
    }
    if (isSettling && settling === undefined) {
      settlingSince.set(uid, clock.steady());
      return false;
    }
    if (!isSettling) settlingSince.delete(uid);
    return clock.steady() >= (failing.get(uid)?.at ?? 0);
  }

  async function apply(wanted: WantedStatus, signal: AbortSignal): Promise<void> {
    const { object, uid, generation, said, isProgrammed } = wanted;
    const { kind } = object;
    const until = forbiddenUntil.get(placeOf(object)) ?? 0;
    if (clock.steady() < until) {
      failureOf(uid).at = until;
      return;
    }
    try {
      const outcome = await applyStatus(client, live, { id: keyText(object), uid }, ({ status = {} }) => statusBody(said, status, clock.now()));
      onWrite({ what: 'status', kind, result: outcome });
      written.set(uid, digest(wanted));
      done.set(uid, wanted);
      failing.delete(uid);
      if (isProgrammed) programmed.set(uid, generation);
    } catch (error) {
      if (signal.aborted) return;
      failed(object, uid, error);
    }
  }

  function failureOf(uid: string): Failure {
    const known = failing.get(uid) ?? { backOff: createBackOff(Math.random), at: 0, conflicts: 0 };
    failing.set(uid, known);
    return known;
  }

  function failed(object: WantedStatus['object'], uid: string, error: unknown): void {
    const { kind } = object;
    const known = failureOf(uid);
    if (isConflict(error) && ++known.conflicts <= usualConflicts) {
      known.at = clock.steady() + known.backOff.next();
      return;
    }
    onWrite({ what: 'status', kind, result: 'failed' });
    if (isForbidden(error)) {
      known.at = clock.steady() + forbiddenMs;
      forbiddenUntil.set(placeOf(object), known.at);
      tellForbidden(kind, error);
      return;
    }
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    known.at = clock.steady() + Math.max(retryAfterMs, known.backOff.next());
    log.warn({ kind, reason: reasonOf(error) }, 'a status cannot be written now');
  }

  /** Once for each kind, while this replica leads. */
  function tellForbidden(kind: Kind, error: unknown): void {
    if (!forbidden.has(kind)) log.warn({ kind, reason: reasonOf(error) }, 'the status of a kind may not be written');
    forbidden.add(kind);
  }

  /** Finds what is said already, so that only what differs is written. */
  function* compare(facts: Facts): Work<void> {
    for (const id of live.ids()) {
      const { metadata, status = {} } = live.get(id) ?? {};
      const generation = programmedIn(status);
      if (metadata && generation !== undefined) programmed.set(metadata.uid, generation);
      yield;
    }
    for (const wanted of yield* wanting(facts, wasProgrammed)) {
      const { metadata, status = {} } = live.get(keyText(wanted.object)) ?? {};
      if (metadata?.uid !== wanted.uid) continue;
      const isSaid = says(status, statusBody(wanted.said, status, clock.now()));
      written.set(wanted.uid, isSaid ? digest(wanted) : somethingElse);
      done.delete(wanted.uid);
      yield;
    }
  }

  function forgetGone(all: readonly WantedStatus[]): void {
    const there = new Set(all.map(({ uid }) => uid));
    for (const known of [written, done, programmed, settlingSince, failing]) for (const uid of known.keys()) if (!there.has(uid)) known.delete(uid);
  }

  return {
    touch: looks.touch,
    lead() {
      comparedAt = undefined;
      settled = undefined;
      for (const known of [written, done, programmed, settlingSince, failing]) known.clear();
      forbidden.clear();
      forbiddenUntil.clear();
      looks.begin();
    },
    rest: looks.rest,
  };
}

/** A status that was not written, and when it is tried again. */
interface Failure {
  readonly backOff: ReturnType<typeof createBackOff>;
  at: number;
  conflicts: number;
}

/** Where one has the same rights for all objects. */
const placeOf = ({ kind, namespace }: WantedStatus['object']): string => `${kind} ${namespace}`;

/** No digest of anything. */
const somethingElse = '';

function digest({ said }: WantedStatus): string {
  return hash('sha256', JSON.stringify(said), 'base64url');
}

const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
