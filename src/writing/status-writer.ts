import { hash } from 'node:crypto';
import type { WantedStatus } from '../conditions/said.ts';
import { programmedIn, statusBody } from '../conditions/status-body.ts';
import { createWanting, statusKinds } from '../conditions/wanted.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { applyStatus, type LiveObject, says } from '../kubernetes/apply-status.ts';
import { createBackOff } from '../kubernetes/back-off.ts';
import { createDiscovery, pathOf } from '../kubernetes/discovery.ts';
import { createGate } from '../kubernetes/gate.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';

/** From something that happened to the look at what it means, so that what belongs together is written together. */
const gatherMs = 300;
/** Between two looks. */
const pauseMs = 1000;
/** What is about to change by itself is written after so long: an Envoy that connects, an answer that is acknowledged. */
const settleMs = 5000;
/** All that is there is compared again after so long, as others may have written. */
const compareMs = 600_000;
/** A status that may not be written is tried again after so long. */
const forbiddenMs = 60_000;
/** Requests under way at once. */
const parallel = 8;
/** After so many it is looked again whether they are still right. */
const mostAtOnce = 400;
const pageSize = 500;

interface Page {
  readonly items: readonly Omit<LiveObject, 'apiVersion' | 'kind'>[];
  readonly metadata: { readonly continue?: string };
}

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
  const failing = new Map<string, { readonly backOff: ReturnType<typeof createBackOff>; at: number }>();
  const forbidden = new Set<string>();
  let comparedAt: number | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTouched = false;
  let cancel: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let abort = new AbortController();

  const wasProgrammed = (uid: string, generation: number): boolean => programmed.get(uid) === generation;

  function lookIn(milliseconds: number): void {
    cancel?.();
    cancel = clock.after(Math.max(milliseconds, lookedAt + pauseMs - clock.steady()), look);
  }

  function look(): void {
    if (running || !mayWrite()) return;
    isTouched = false;
    lookedAt = clock.steady();
    running = write()
      .catch((error: unknown) => {
        if (!abort.signal.aborted) log.warn({ reason: reasonOf(error) }, 'the status of objects cannot be written now');
        return pauseMs * 5;
      })
      .then((nextMs) => {
        running = undefined;
        if (abort.signal.aborted || !mayWrite()) return;
        if (isTouched) lookIn(gatherMs);
        else lookIn(nextMs);
      });
  }

  /** @returns after how many milliseconds to look again where nothing happens. */
  async function write(): Promise<number> {
    const { signal } = abort;
    if (comparedAt === undefined || clock.steady() - comparedAt > compareMs) {
      await compareAll(signal);
      comparedAt = clock.steady();
    }
    const facts = factsNow();
    if (!facts) return pauseMs;
    const all = wanting(facts, wasProgrammed);
    forgetGone(all);
    const due = all.filter(isDue);
    const now = due.slice(0, mostAtOnce);
    await Promise.all(
      now.map((wanted) =>
        gate(async () => {
          if (!signal.aborted && mayWrite()) await apply(wanted);
        }),
      ),
    );
    if (due.length > now.length) return 0;
    return settlingSince.size + failing.size > 0 ? pauseMs : pauseMs * 10;
  }

  function isDue(wanted: WantedStatus): boolean {
    const { uid, said, isSettling } = wanted;
    if (done.get(uid) === wanted) return false;
    const known = written.get(uid);
    // Nothing was said, and nothing is to be.
    const isNothing = known === undefined && 'entries' in said && said.entries.length === 0;
    if (isNothing || known === digest(wanted)) {
      done.set(uid, wanted);
      settlingSince.delete(uid);
      return false;
    }
    if (isSettling) {
      const since = settlingSince.get(uid) ?? clock.steady();
      settlingSince.set(uid, since);
      if (clock.steady() - since < settleMs) return false;
    } else settlingSince.delete(uid);
    return clock.steady() >= (failing.get(uid)?.at ?? 0);
  }

  async function apply(wanted: WantedStatus): Promise<void> {
    const { object, uid, generation, said, isProgrammed } = wanted;
    const { kind } = object;
    try {
      const resource = await discovery.find(kind, abort.signal);
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
      if (abort.signal.aborted) return;
      onWrite({ what: 'status', kind, result: 'failed' });
      failed(kind, uid, error);
    }
  }

  function failed(kind: Kind, uid: string, error: unknown): void {
    const known = failing.get(uid) ?? { backOff: createBackOff(Math.random), at: 0 };
    failing.set(uid, known);
    if (isForbidden(error)) {
      known.at = clock.steady() + forbiddenMs;
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

  async function compare(kind: Kind, signal: AbortSignal): Promise<void> {
    const statuses = new Map<string, Readonly<Record<string, unknown>>>();
    for await (const { metadata, status = {} } of liveObjects(kind, signal)) {
      statuses.set(metadata.uid, status);
      const generation = programmedIn(status);
      if (generation !== undefined) programmed.set(metadata.uid, generation);
    }
    const facts = factsNow();
    for (const wanted of facts ? wanting(facts, wasProgrammed) : []) {
      const status = wanted.object.kind === kind ? statuses.get(wanted.uid) : undefined;
      if (!status) continue;
      const isSaid = says(status, statusBody(wanted.said, status, clock.now()));
      written.set(wanted.uid, isSaid ? digest(wanted) : somethingElse);
      done.delete(wanted.uid);
    }
  }

  async function* liveObjects(kind: Kind, signal: AbortSignal): AsyncGenerator<Page['items'][number]> {
    const resource = await discovery.find(kind, signal);
    if (!resource) return;
    const places = namespaces.length > 0 && kinds[kind].namespaced ? namespaces : [undefined];
    for (const namespace of places) {
      let next: string | undefined;
      do {
        const page = (await client.ask({ path: pathOf(resource, namespace), query: { limit: pageSize, continue: next }, signal })) as Page;
        yield* page.items;
        next = page.metadata.continue || undefined;
      } while (next !== undefined);
    }
  }

  function forgetGone(all: readonly WantedStatus[]): void {
    const there = new Set(all.map(({ uid }) => uid));
    for (const known of [written, done, programmed, settlingSince, failing]) for (const uid of known.keys()) if (!there.has(uid)) known.delete(uid);
  }

  return {
    touch() {
      if (isTouched) return;
      isTouched = true;
      if (!running && mayWrite()) lookIn(gatherMs);
    },
    lead() {
      abort = new AbortController();
      comparedAt = undefined;
      for (const known of [written, done, programmed, settlingSince, failing]) known.clear();
      forbidden.clear();
      lookIn(0);
    },
    async rest() {
      cancel?.();
      abort.abort();
      await running;
    },
  };
}

/** No digest of anything. */
const somethingElse = '';

function digest({ said }: WantedStatus): string {
  return hash('sha256', JSON.stringify(said), 'base64url');
}

const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
