import type { Clock } from '../clock.ts';

/** How many bytes may be under way before streams have to wait for their turn. */
const mostBytes = 16 * 1024 * 1024;
/** Whoever takes longer to read a message does not hold up the others any more. */
const momentMs = 200;
/** How many bytes may wait for clients that take longer. */
const mostStuckBytes = 256 * 1024 * 1024;

/** A message on its way to a client that has not taken it yet. */
interface Flight {
  readonly bytes: number;
  readonly since: number;
  /** Ends the stream, so that its memory can be used by others. */
  cut(): void;
}

/**
 * What is on its way to all clients together. A client that reads slowly costs memory; so a thousand of them that begin at the
 * same time are served one after the other, and those that do not read at all do not hold up those that do.
 */
export interface Flights {
  /** A message begins its way. Returns what is to be called when the client has taken it. */
  begin(bytes: number, cut: () => void): () => void;
  /** Whether as much is under way as may be. */
  isFull(): boolean;
}

/** @param onFree told where there is room again. */
export function createFlights(clock: Clock, onFree: () => void): Flights {
  /** Oldest first. */
  const moving = new Set<Flight>();
  const stuck = new Set<Flight>();
  let movingBytes = 0;
  let stuckBytes = 0;
  let cancelTimer: (() => void) | undefined;

  const isFull = (): boolean => movingBytes >= mostBytes;

  /** Takes those aside that have been under way for too long. */
  function sort(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    const now = clock.steady();
    for (const flight of moving) {
      if (now - flight.since < momentMs) break;
      moving.delete(flight);
      movingBytes -= flight.bytes;
      stuck.add(flight);
      stuckBytes += flight.bytes;
    }
    const [oldest] = moving;
    if (isFull() && oldest) cancelTimer = clock.after(oldest.since + momentMs - now, sort);
    else onFree();
    for (const flight of stuck) {
      if (stuckBytes <= mostStuckBytes) break;
      stuck.delete(flight);
      stuckBytes -= flight.bytes;
      flight.cut();
    }
  }

  return {
    begin(bytes, cut) {
      const flight: Flight = { bytes, since: clock.steady(), cut };
      moving.add(flight);
      movingBytes += bytes;
      if (isFull() && !cancelTimer) cancelTimer = clock.after(momentMs, sort);
      return () => {
        const wasFull = isFull();
        if (moving.delete(flight)) movingBytes -= bytes;
        else if (stuck.delete(flight)) stuckBytes -= bytes;
        if (wasFull && !isFull()) onFree();
      };
    },
    isFull,
  };
}
