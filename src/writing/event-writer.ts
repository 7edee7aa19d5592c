import { hash } from 'node:crypto';
import type { Facts } from '../conditions/facts.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { createBackOff } from '../kubernetes/back-off.ts';
import { reasonOf } from '../reason.ts';
import { createTokenBucket } from '../token-bucket.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';
import { createEventLedger, type DueEvent, settleMs } from './event-ledger.ts';
import { createLooks } from './looks.ts';
import { isThere, type ObjectEvent, objectEvents } from './object-event.ts';

const gatherMs = 300;
const pauseMs = 1000;
/** What comes by time alone, such as a certificate that expires, touches nothing: it is looked for. */
const idleMs = 10_000;
/** Of all objects together so many Events are written: a cluster in which much is wrong at once is told bit by bit. */
const limit = { burst: 50, perSecond: 10 };
/** A namespace in which no Events may be written is tried again after so long. */
const forbiddenMs = 60_000;

/** Where an Event of an object without namespace is kept, as the API server has it. */
const namespaceOfOthers = 'default';
const reportingController = 'gateway.sluice.dev/controller';
/** What an API server takes; the name of a pod may be longer. */
const mostInstanceLength = 128;

/**
 * Writes Events about objects: for each diagnostic when it begins to stand, and when Envoys refuse what is made of an object and
 * when they do no more. What begins again within an hour makes a series of the Event. Nothing is written while nothing changes,
 * nor to other namespaces than those that are read.
 */
export function createEventWriter({ client, clock, log, namespaces, identity, mayWrite, onWrite, facts }: WriterContext): ClusterWriter {
  const bucket = createTokenBucket(limit);
  const backOff = createBackOff(Math.random);
  const forbiddenUntil = new Map<string, number>();
  let ledger = createEventLedger();
  let waitUntil = 0;
  let lookedAt: Facts | undefined;
  let standing: readonly ObjectEvent[] = [];
  const looks = createLooks({
    clock,
    gatherMs,
    pauseMs,
    look: write,
    onError: (error) => log.warn({ reason: reasonOf(error) }, 'Events cannot be written now'),
  });

  async function write(signal: AbortSignal): Promise<number> {
    if (!mayWrite()) return pauseMs;
    const waitMs = waitUntil - clock.steady();
    if (waitMs > 0) return waitMs;
    const known = facts();
    if (!known) return pauseMs;
    const { view, diagnostics } = known;
    if (known !== lookedAt) standing = objectEvents(diagnostics, view).filter((event) => namespaces.length === 0 || namespaces.includes(namespaceOf(event)));
    lookedAt = known;
    const due = ledger.due(standing, (regarding) => isThere(regarding, view), clock.steady());
    for (const one of due) {
      if (signal.aborted || !mayWrite()) return pauseMs;
      if (isForbidden(one.event)) continue;
      if (!bucket.take(clock.steady()) || !(await tell(one, signal))) return pauseMs;
    }
    return ledger.isWaiting() ? settleMs : idleMs;
  }

  /** @returns false where the API server is to be left alone for a while. */
  async function tell(due: DueEvent, signal: AbortSignal): Promise<boolean> {
    const { event } = due;
    const { kind } = event.regarding;
    try {
      const { count, isNew } = due.isAgain ? await repeat(due, signal) : await create(due, signal);
      onWrite({ what: 'event', kind, result: isNew ? 'written' : 'unchanged' });
      ledger.told(event, count, clock.steady());
      backOff.reset();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const isGone = error instanceof ApiError && error.status === 404;
      onWrite({ what: 'event', kind, result: isGone ? 'gone' : 'failed' });
      return failed(event, error);
    }
  }

  function failed(event: ObjectEvent, error: unknown): boolean {
    const namespace = namespaceOf(event);
    const { status = 0, retryAfterMs = 0 } = error instanceof ApiError ? error : {};
    // A namespace that is gone, or an Event that is not valid, is so at the next attempt too.
    const isFinal = status === 404 || status === 422;
    const isKnown = status === 403 && forbiddenUntil.has(namespace);
    if (status !== 404 && !isKnown) log.warn({ namespace, reason: reasonOf(error) }, 'an Event cannot be written');
    if (isFinal) ledger.told(event, undefined, clock.steady());
    else if (status === 403) forbiddenUntil.set(namespace, clock.steady() + forbiddenMs);
    else waitUntil = clock.steady() + Math.max(retryAfterMs, backOff.next());
    return isFinal || status === 403;
  }

  function isForbidden(event: ObjectEvent): boolean {
    return clock.steady() < (forbiddenUntil.get(namespaceOf(event)) ?? 0);
  }

  async function create(due: DueEvent, signal: AbortSignal): Promise<Written> {
    try {
      await client.ask({ method: 'POST', path: pathOf(due.event), query: { fieldManager: 'sluice' }, body: eventOf(due.event, identity, clock.now()), signal });
      return { count: 1, isNew: true };
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      // Who wrote before told it already; or it was told, and forgotten, and is so again.
      return due.isInherited ? { count: undefined, isNew: false } : repeat(due, signal);
    }
  }

  async function repeat(due: DueEvent, signal: AbortSignal): Promise<Written> {
    const patch = (body: object): Promise<unknown> =>
      client.ask({
        method: 'PATCH',
        path: `${pathOf(due.event)}/${nameOf(due.event)}`,
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'sluice' },
        body,
        signal,
      });
    try {
      // A patch of nothing writes nothing, and is answered with what is there.
      const before = due.count ?? ((await patch({})) as { readonly series?: { readonly count: number } }).series?.count ?? 1;
      const count = before + 1;
      await patch({ series: { count, lastObservedTime: microTime(clock.now()) } });
      return { count, isNew: true };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      return create({ ...due, isAgain: false, isInherited: true }, signal);
    }
  }

  return {
    touch: looks.touch,
    lead() {
      ledger = createEventLedger();
      forbiddenUntil.clear();
      looks.begin();
    },
    rest: looks.rest,
  };
}

/** How often an Event was told by now (undefined: nobody knows), and whether that was written by us. */
interface Written {
  readonly count: number | undefined;
  readonly isNew: boolean;
}

const namespaceOf = ({ regarding }: ObjectEvent): string => regarding.namespace ?? namespaceOfOthers;

const pathOf = (event: ObjectEvent): string => `/apis/events.k8s.io/v1/namespaces/${namespaceOf(event)}/events`;

/** The same on every replica: what one told, another one cannot tell again. */
function nameOf({ id, regarding }: ObjectEvent): string {
  return `${regarding.name.slice(0, 200).replace(/[^a-z0-9]+$/, '')}.${hash('sha256', id, 'hex').slice(0, 16)}`;
}

function eventOf(event: ObjectEvent, reportingInstance: string, now: number): object {
  const { regarding, type, reason, note } = event;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: nameOf(event), namespace: namespaceOf(event) },
    eventTime: microTime(now),
    reportingController,
    reportingInstance: reportingInstance.slice(0, mostInstanceLength),
    action: 'Translate',
    type,
    reason,
    regarding,
    note,
  };
}

/** @see https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#MicroTime */
const microTime = (now: number): string => `${new Date(now).toISOString().slice(0, -1)}000Z`;
