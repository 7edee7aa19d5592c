import { type RefusedObject, refusedObjects, saidOfRefused, type UnreadObject } from '../conditions/refused.ts';
import { statusBody } from '../conditions/status-body.ts';
import { messageOf } from '../conditions/verdict.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import { applyStatus, type LiveObject } from '../kubernetes/apply-status.ts';
import { createDiscovery, pathOf } from '../kubernetes/discovery.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';

/** From something that happened to the look at what it means. */
const gatherMs = 500;
/** Between two looks. */
const pauseMs = 2000;
/** What failed is tried again after so long. */
const retryMs = 30_000;

/**
 * Writes into the status of objects that were never valid what is wrong with them. They are read when their mistakes become others:
 * the store does not have them.
 */
export function createRefusedStatusWriter({ client, clock, log, mayWrite, onWrite, facts }: WriterContext): ClusterWriter {
  const discovery = createDiscovery(client, clock.steady);
  /** What was said, by `KIND NAMESPACE/NAME`. */
  const done = new Map<string, string>();
  const failedAt = new Map<string, number>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTouched = false;
  let cancel = (): void => undefined;
  let running: Promise<void> | undefined;
  let abort = new AbortController();

  function lookIn(milliseconds: number): void {
    cancel();
    cancel = clock.after(Math.max(milliseconds, lookedAt + pauseMs - clock.steady()), look);
  }

  function look(): void {
    if (running || !mayWrite()) return;
    isTouched = false;
    lookedAt = clock.steady();
    const { signal } = abort;
    running = write(signal).then((isToRetry) => {
      running = undefined;
      if (signal.aborted) return;
      if (isTouched) lookIn(gatherMs);
      else if (isToRetry) lookIn(retryMs);
    });
  }

  /** @returns whether something is left. */
  async function write(signal: AbortSignal): Promise<boolean> {
    const known = facts();
    if (!known) return false;
    const all = refusedObjects(known);
    const keys = new Set(all.map(keyOf));
    for (const noted of [done, failedAt]) for (const key of noted.keys()) if (!keys.has(key)) noted.delete(key);
    let isToRetry = false;
    for (const object of all) {
      const [key, message] = [keyOf(object), messageOf(object.faults)];
      // What failed is not tried again whenever anything happens.
      if (done.get(key) === message || clock.steady() < (failedAt.get(key) ?? Number.NEGATIVE_INFINITY) + retryMs) continue;
      if (signal.aborted || !mayWrite()) return true;
      try {
        await tell(object, known.view, signal);
        done.set(key, message);
        failedAt.delete(key);
      } catch (error) {
        if (signal.aborted) return false;
        if (error instanceof ApiError && error.status === 404) continue;
        log.warn(
          { object: key, reason: error instanceof Error ? error.message : String(error) },
          'the status of an object that is not valid cannot be written now',
        );
        onWrite({ what: 'status', kind: object.kind, result: 'failed' });
        failedAt.set(key, clock.steady());
      }
      isToRetry ||= failedAt.has(key);
    }
    return isToRetry;
  }

  async function tell(object: RefusedObject, view: Parameters<typeof saidOfRefused>[2], signal: AbortSignal): Promise<void> {
    const { kind, namespace, name } = object;
    const resource = await discovery.find(kind, signal);
    if (!resource) return;
    const path = `${pathOf(resource, namespace)}/${name}`;
    const found = (await client.ask({ path, signal })) as LiveObject;
    const said = (live: LiveObject): ReturnType<typeof saidOfRefused> => saidOfRefused(object, live as UnreadObject, view);
    if (!said(found)) return;
    const result = await applyStatus(client, { path, uid: found.metadata.uid }, (live) => {
      const now = said(live);
      return now ? statusBody(now, live.status ?? {}, clock.now()) : {};
    });
    onWrite({ what: 'status', kind, result });
  }

  return {
    touch() {
      if (isTouched || !mayWrite()) return;
      isTouched = true;
      if (!running) lookIn(gatherMs);
    },
    lead() {
      abort = new AbortController();
      done.clear();
      failedAt.clear();
      isTouched = false;
      lookIn(gatherMs);
    },
    async rest() {
      cancel();
      abort.abort();
      await running;
    },
  };
}

const keyOf = ({ kind, namespace, name }: RefusedObject): string => `${kind} ${namespace}/${name}`;
