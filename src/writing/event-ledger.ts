import { acceptedEvent, isRefusal, type ObjectEvent, type Regarding } from './object-event.ts';

/** An Event that is to be written now. */
export interface DueEvent {
  readonly event: ObjectEvent;
  /** It was told before, was over, and is so again. */
  readonly isAgain: boolean;
  /** How often it was told. Undefined: the API server knows. */
  readonly count?: number;
  /** It stood when this replica began to write: another one may have told it. */
  readonly isInherited: boolean;
}

/** Knows what was told of objects, so that only what begins is told, once for each time that it begins. */
export interface EventLedger {
  /**
   * What is to be told, oldest first.
   * @param standing everything that is so now.
   * @param isThere whether an object is still there.
   * @param now by a clock that never jumps, in milliseconds.
   */
  due(standing: readonly ObjectEvent[], isThere: (regarding: Regarding) => boolean, now: number): readonly DueEvent[];
  /** One of those was told, or need not be. @param count how often by now. Undefined: nobody knows. */
  told(event: ObjectEvent, count: number | undefined, now: number): void;
  /** Whether something stands that was not told yet. */
  isWaiting(): boolean;
}

/** What comes and goes at once is not told: objects that belong together are applied one after the other. */
export const settleMs = 2000;
/** About one object so many are told in this time; what still stands when it is over is told then. */
export const mostOfObject = 20;
export const objectWindowMs = 600_000;
/** For so long an API server keeps Events unless it is told otherwise: what begins again after that begins anew. */
const keptMs = 3_600_000;
const mostKept = 20_000;

interface Entry {
  readonly event: ObjectEvent;
  /** Since when it stands, or is over. */
  since: number;
  stands: boolean;
  /** Whether it was told since it stands. */
  isTold: boolean;
  /** How often it was told; undefined: that is not known. */
  count: number | undefined;
  isInherited: boolean;
}

/** One that has seen nothing. */
export function createEventLedger(): EventLedger {
  const entries = new Map<string, Entry>();
  /** Objects of which it was told that Envoys refuse them, by uid. */
  const refusedObjects = new Map<string, Regarding>();
  /** When Events were told of each object, by uid. */
  const tellings = new Map<string, readonly number[]>();
  let isFirstLook = true;

  function follow(events: readonly ObjectEvent[], now: number): void {
    const ids = new Set(events.map(({ id }) => id));
    for (const [id, entry] of entries) {
      if (ids.has(id)) continue;
      if (entry.stands) Object.assign(entry, { stands: false, since: now, isInherited: false });
      const wasNeverTold = entry.count === 0;
      if (wasNeverTold || now - entry.since > keptMs) entries.delete(id);
    }
    for (const event of events) {
      const entry = entries.get(event.id);
      if (!entry) entries.set(event.id, { event, since: now, stands: true, isTold: false, count: 0, isInherited: isFirstLook });
      else if (!entry.stands) Object.assign(entry, { stands: true, since: now, isTold: false });
    }
    for (const [id, { stands }] of entries) {
      if (entries.size <= mostKept) break;
      if (!stands) entries.delete(id);
    }
    isFirstLook = false;
  }

  /** Objects that Envoys refused and refuse no more. */
  function accepted(standing: readonly ObjectEvent[], isThere: (regarding: Regarding) => boolean): readonly ObjectEvent[] {
    const still = new Set(standing.filter(isRefusal).map(({ regarding }) => regarding.uid));
    return [...refusedObjects].flatMap(([uid, regarding]) => {
      if (still.has(uid)) return [];
      if (isThere(regarding)) return acceptedEvent(regarding);
      refusedObjects.delete(uid);
      return [];
    });
  }

  function forgetOldTellings(now: number): void {
    for (const [uid, times] of tellings) {
      const recent = times.filter((at) => now - at < objectWindowMs);
      if (recent.length > 0) tellings.set(uid, recent);
      else tellings.delete(uid);
    }
  }

  return {
    due(standing, isThere, now) {
      follow([...standing, ...accepted(standing, isThere)], now);
      forgetOldTellings(now);
      const left = new Map<string, number>();
      const isDue = ({ event, stands, isTold, since }: Entry): boolean => {
        if (!stands || isTold || now - since < settleMs) return false;
        const { uid } = event.regarding;
        const most = left.get(uid) ?? mostOfObject - (tellings.get(uid)?.length ?? 0);
        left.set(uid, most - 1);
        return most > 0;
      };
      return [...entries.values()]
        .filter(isDue)
        .map(({ event, count, isInherited }): DueEvent => ({ event, isAgain: count !== 0, isInherited, ...(count ? { count } : {}) }));
    },
    told(event, count, now) {
      const entry = entries.get(event.id);
      if (entry) Object.assign(entry, { isTold: true, count, isInherited: false });
      const { uid } = event.regarding;
      tellings.set(uid, [...(tellings.get(uid) ?? []), now]);
      if (isRefusal(event)) refusedObjects.set(uid, event.regarding);
    },
    isWaiting: () => [...entries.values()].some(({ stands, isTold }) => stands && !isTold),
  };
}
