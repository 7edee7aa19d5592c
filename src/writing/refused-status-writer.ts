import { type RefusedObject, refusedObjects, saidOfRefused, type UnreadObject } from '../conditions/refused.ts';
import { statusBody } from '../conditions/status-body.ts';
import { messageOf } from '../conditions/verdict.ts';
import { applyStatus, isConflict } from '../kubernetes/apply-status.ts';
import type { LiveObject } from '../kubernetes/live-objects.ts';
import { reasonOf } from '../reason.ts';
import { keyText } from '../store/sink.ts';
import type { ClusterWriter, WriterContext } from './cluster-writes.ts';
import { createLooks } from './looks.ts';

const gatherMs = 500;
const pauseMs = 2000;
/** What failed is tried again after so long. */
const retryMs = 30_000;

/** What was said of an object, and by what it was known whose it is: other lists where one of these changed. */
interface Told {
  readonly message: string;
  readonly classes: readonly unknown[];
  readonly gateways: readonly unknown[];
}

/**
 * Writes into the status of objects that were never valid what is wrong with them. They are looked at when their mistakes become
 * others, and when Gateways do: the store does not have them.
 */
export function createRefusedStatusWriter({ client, clock, log, live, mayWrite, onWrite, facts }: WriterContext): ClusterWriter {
  /** By `KIND NAMESPACE/NAME`; where an object is another controller's, nothing had to be said. */
  const done = new Map<string, Told>();
  const failedAt = new Map<string, number>();
  const looks = createLooks({
    clock,
    gatherMs,
    pauseMs,
    look: write,
    onError: (error) => log.warn({ reason: reasonOf(error) }, 'the status of objects that are not valid cannot be written now'),
  });

  async function write(signal: AbortSignal): Promise<number | undefined> {
    if (!mayWrite()) return pauseMs;
    const known = facts();
    if (!known) return undefined;
    const [classes, gateways] = [known.view.list('GatewayClass'), known.view.list('Gateway')];
    const isTold = (key: string, message: string): boolean => {
      const told = done.get(key);
      return told?.message === message && told.classes === classes && told.gateways === gateways;
    };
    const all = refusedObjects(known);
    const keys = new Set(all.map(keyOf));
    for (const noted of [done, failedAt]) for (const key of noted.keys()) if (!keys.has(key)) noted.delete(key);
    let isOvertaken = false;
    for (const object of all) {
      const [key, message] = [keyOf(object), messageOf(object.faults)];
      // What failed is not tried again whenever anything happens.
      if (isTold(key, message) || clock.steady() < (failedAt.get(key) ?? Number.NEGATIVE_INFINITY) + retryMs) continue;
      if (signal.aborted || !mayWrite()) return pauseMs;
      try {
        await tell(object, known.view);
        done.set(key, { message, classes, gateways });
        failedAt.delete(key);
      } catch (error) {
        if (signal.aborted) return undefined;
        // What somebody else wrote just before is told in a moment.
        if (isConflict(error)) {
          isOvertaken = true;
          continue;
        }
        if (!failedAt.has(key)) log.warn({ object: key, reason: reasonOf(error) }, 'the status of an object that is not valid cannot be written now');
        onWrite({ what: 'status', kind: object.kind, result: 'failed' });
        failedAt.set(key, clock.steady());
      }
    }
    if (isOvertaken) return pauseMs;
    return failedAt.size > 0 ? retryMs : undefined;
  }

  async function tell(object: RefusedObject, view: Parameters<typeof saidOfRefused>[2]): Promise<void> {
    const id = keyText(object);
    const said = (of: LiveObject): ReturnType<typeof saidOfRefused> => saidOfRefused(object, of as UnreadObject, view);
    const found = live.get(id);
    if (!found || !said(found)) return;
    const result = await applyStatus(client, live, { id, uid: found.metadata.uid }, (now) => {
      const words = said(now);
      return words ? statusBody(words, now.status ?? {}, clock.now()) : {};
    });
    onWrite({ what: 'status', kind: object.kind, result });
  }

  return {
    touch: looks.touch,
    lead() {
      done.clear();
      failedAt.clear();
      looks.begin();
    },
    rest: looks.rest,
  };
}

const keyOf = ({ kind, namespace, name }: RefusedObject): string => `${kind} ${namespace}/${name}`;
