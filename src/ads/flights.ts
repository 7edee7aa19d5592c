import type { Clock } from '../clock.ts';

/** How many bytes may be under way before streams have to wait for their turn. */
const mostBytes = 16 * 1024 * 1024;
/** Whoever takes longer to read a message does not hold up the others any more. */
const momentMs = 200;
/**
 * The same where so much waits for such clients already: all of them may be slow at the moment, as on a busy machine, and
 * what is sent to ever more of them at a time fills the memory and is not read any sooner.
 */
const crowdedMomentMs = 2000;
const crowdedBytes = 32 * 1024 * 1024;
/** How many bytes may wait for clients that take longer. */
const mostStuckBytes = 256 * 1024 * 1024;

/** What a stream has under way to a client that has not taken it yet: one message, or none. */
interface Flight {
  /** A message begins its way. */
  begin(bytes: number): void;
  /** The client has taken it. */
  land(): void;
}

/**
 * What is on its way to all clients together. A client that reads slowly costs memory; so a thousand of them that begin at the
 * same time are served one after the other, and those that do not read at all do not hold up those that do.
 */
export interface Flights {
  /** For one stream. @param cut ends it: its client reads nothing for too long, or others need the memory. */
  open(cut: (reason: 'time' | 'memory') => void): Flight;
  /** Whether as much is under way as may be. */
  isFull(): boolean;
}

/** A message on its way. */
interface Entry {
  bytes: number;
  since: number;
  readonly cut: (reason: 'time' | 'memory') => void;
}

/**
 * @param readMs how long a client may take to read a message.
 * @param onFree told where there is room again.
 */
export function createFlights(clock: Clock, readMs: number, onFree: () => void): Flights {
  /** Both oldest first; what is stuck is older than what moves. */
  const moving = new Set<Entry>();
  const stuck = new Set<Entry>();
  let movingBytes = 0;
  let stuckBytes = 0;
  /** One for all streams: a timer for each message costs more than the message. */
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;

  const isFull = (): boolean => movingBytes >= mostBytes;
  const patienceMs = (): number => (stuckBytes < crowdedBytes ? momentMs : crowdedMomentMs);

  function arm(): void {
    const [longest] = stuck.size > 0 ? stuck : moving;
    if (!longest) return;
    const [oldest] = moving;
    const at = Math.min(longest.since + readMs, isFull() && oldest ? oldest.since + patienceMs() : Number.POSITIVE_INFINITY);
    // One that is due too early finds nothing to do, and is set again.
    if (timer && timer.at <= at) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(Math.max(0, at - clock.steady()), look) };
  }

  /** @returns whether it was under way. */
  function remove(entry: Entry): boolean {
    if (moving.delete(entry)) movingBytes -= entry.bytes;
    else if (stuck.delete(entry)) stuckBytes -= entry.bytes;
    else return false;
    return true;
  }

  function look(): void {
    timer = undefined;
    const wasFull = isFull();
    if (wasFull) setAside();
    const now = clock.steady();
    for (const entries of [stuck, moving]) {
      for (const entry of entries) {
        if (now - entry.since < readMs) break;
        remove(entry);
        entry.cut('time');
      }
    }
    arm();
    if (wasFull && !isFull()) onFree();
  }

  /** Those that have been under way for too long. */
  function setAside(): void {
    const now = clock.steady();
    for (const entry of moving) {
      if (now - entry.since < patienceMs()) break;
      remove(entry);
      stuck.add(entry);
      stuckBytes += entry.bytes;
    }
    for (const entry of stuck) {
      if (stuckBytes <= mostStuckBytes) break;
      remove(entry);
      entry.cut('memory');
    }
  }

  return {
    open(cut) {
      const entry: Entry = { bytes: 0, since: 0, cut };
      return {
        begin(bytes) {
          entry.bytes = bytes;
          entry.since = clock.steady();
          moving.add(entry);
          movingBytes += bytes;
          if (!timer || isFull()) arm();
        },
        land() {
          const wasFull = isFull();
          if (!remove(entry) || !wasFull) return;
          if (!isFull()) onFree();
          // Where less is stuck others may be set aside sooner.
          else arm();
        },
      };
    },
    isFull,
  };
}
