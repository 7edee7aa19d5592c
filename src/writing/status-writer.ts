import { hash } from 'node:crypto';
import type { Facts } from '../conditions/facts.ts';
import type { WantedStatus } from '../conditions/said.ts';
import { programmedIn, statusBody } from '../conditions/status-body.ts';
import { createWanting, type StatusKind, statusKinds } from '../conditions/wanted.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { applyStatus, type LiveObject, says } from '../kubernetes/apply-status.ts';
import { createBackOff } from '../kubernetes/back-off.ts';
import { createDiscovery, pathOf } from '../kubernetes/discovery.ts';
import { createGate } from '../kubernetes/gate.ts';
import { pagesOf } from '../kubernetes/pages.ts';
import { reasonOf } from '../reason.ts';
import { inTurns } from '../turn.ts';
import type { Work } from '../work.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';
import { createLooks } from './looks.ts';

const gatherMs = 300;
const pauseMs = 1000;
/** What is about to change by itself is written after so long: an Envoy that connects, an answer that is acknowledged. */
const settleMs = 5000;
/** All that is there is compared again after so long, as others may have written. */
const compareMs = 600_000;
/** Where no status may be written, that of one object is tried again after so long. */
const forbiddenMs = 60_000;
/** Requests under way at once. */
const parallel = 8;
/** After so many it is looked again whether they are still right. */
const mostAtOnce = 400;
/** An item of a list, which does not say its kind. */
type ListedObject = Omit<LiveObject, 'apiVersion' | 'kind'>;

/**
 * Writes the status of objects: conditions, addresses, counts of routes. What is said already is not written, and what changed
 * is written once. What was written by another leader is read first.
 */
export function createStatusWriter({ client, clock, log, namespaces, mayWrite, onWrite, facts: factsNow }: WriterContext): ClusterWriter {
  const wanting = createWanting();
  const discovery = createDiscovery(client, clock.steady);
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
    if (comparedAt === undefined || clock.steady() - comparedAt > compareMs) {
      await compareAll(signal);
      comparedAt = clock.steady();
      settled = undefined;
    }
    const facts = factsNow();
    if (!facts) return pauseMs;
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
      const resource = await discovery.find(kind, signal);
      if (!resource) return;
      const outcome = await applyStatus(
        client,
        { path: `${pathOf(resource, kinds[kind].namespaced ? object.namespace : undefined)}/${object.name}`, uid },
        (live) => statusBody(said, live.status ?? {}, clock.now()),
      );
      onWrite({ what: 'status', kind, result: outcome });
      written.set(uid, digest(wanted));
      done.set(uid, wanted);
      failing.delete(uid);
      if (isProgrammed) programmed.set(uid, generation);
    } catch (error) {
      if (signal.aborted) return;
      onWrite({ what: 'status', kind, result: 'failed' });
      failed(object, uid, error);
    }
  }

  function failureOf(uid: string): Failure {
    const known = failing.get(uid) ?? { backOff: createBackOff(Math.random), at: 0 };
    failing.set(uid, known);
    return known;
  }

  function failed(object: WantedStatus['object'], uid: string, error: unknown): void {
    const { kind } = object;
    const known = failureOf(uid);
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

  /** Reads what is said of all objects, so that only what differs is written. */
  async function compareAll(signal: AbortSignal): Promise<void> {
    for (const kind of statusKinds) {
      try {
        await compare(kind, signal);
      } catch (error) {
        if (!isForbidden(error)) throw error;
        tellForbidden(kind, error);
      }
    }
  }

  async function compare(kind: StatusKind, signal: AbortSignal): Promise<void> {
    const statuses = new Map<string, Readonly<Record<string, unknown>>>();
    for await (const { metadata, status = {} } of liveObjects(kind, signal)) {
      statuses.set(metadata.uid, status);
      const generation = programmedIn(status);
      if (generation !== undefined) programmed.set(metadata.uid, generation);
    }
    const facts = factsNow();
    if (facts) await inTurns(compared(statuses, facts, kind), signal);
  }

  function* compared(statuses: ReadonlyMap<string, Readonly<Record<string, unknown>>>, facts: Facts, kind: StatusKind): Work<void> {
    for (const wanted of yield* wanting(facts, wasProgrammed, [kind])) {
      const status = statuses.get(wanted.uid);
      if (!status) continue;
      const isSaid = says(status, statusBody(wanted.said, status, clock.now()));
      written.set(wanted.uid, isSaid ? digest(wanted) : somethingElse);
      done.delete(wanted.uid);
      yield;
    }
  }

  async function* liveObjects(kind: Kind, signal: AbortSignal): AsyncGenerator<ListedObject> {
    const resource = await discovery.find(kind, signal);
    if (!resource) return;
    const places = namespaces.length > 0 && kinds[kind].namespaced ? namespaces : [undefined];
    for (const namespace of places) {
      for await (const { items } of pagesOf<ListedObject>(client, { path: pathOf(resource, namespace), signal })) yield* items;
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
}

/** Where one has the same rights for all objects. */
const placeOf = ({ kind, namespace }: WantedStatus['object']): string => `${kind} ${namespace}`;

/** No digest of anything. */
const somethingElse = '';

function digest({ said }: WantedStatus): string {
  return hash('sha256', JSON.stringify(said), 'base64url');
}

const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
