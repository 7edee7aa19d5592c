import { BoundedMap } from '../memo/bounded-map.ts';
import type { SampledClient } from './client-report.ts';

/** Requests of a listener that are remembered, the latest ones. */
export const mostClients = 1000;
/** And for how long. */
const keptMs = 24 * 3_600_000;
/** Listeners that are remembered; each takes 160 kB where all clients are different. */
const mostListeners = 500;

/** Who the clients of a listener are, by a sample of its latest requests. Never changes. */
export interface ClientTally {
  /** Requests by the address of their client. */
  readonly counts: ReadonlyMap<string, number>;
  /** Of these, such whose connection came from the client itself. */
  readonly ofPeers: number;
}

/** A listener as it is served. */
interface WatchedListener {
  readonly group: string;
  readonly listener: string;
  /** Version of the resource: when it is another one the sample begins anew, as somebody changed how the client is found out. */
  readonly version: string;
}

/** Remembers a sample of the requests of each listener, over all Envoys of its group. In memory only, as these addresses are personal data. */
export interface ClientLedger {
  /** @param now by a clock that never jumps. */
  take(listener: WatchedListener, clients: readonly SampledClient[], now: number): void;
  /** Undefined: nothing is known. */
  tally(listener: WatchedListener, now: number): ClientTally | undefined;
}

interface Entry {
  readonly version: string;
  /** The oldest first. */
  readonly recent: { readonly at: number; readonly client: SampledClient }[];
  /** Undefined: to be counted anew. */
  tally: ClientTally | undefined;
}

/** Makes one that has heard of nothing. */
export function createClientLedger(): ClientLedger {
  const entries = new BoundedMap<Entry>(mostListeners);
  const keyOf = ({ group, listener }: WatchedListener): string => JSON.stringify([group, listener]);
  function entryOf(listener: WatchedListener): Entry | undefined {
    const entry = entries.get(keyOf(listener));
    return entry?.version === listener.version ? entry : undefined;
  }
  return {
    take(listener, clients, now) {
      const entry = entryOf(listener) ?? { version: listener.version, recent: [], tally: undefined };
      entries.set(keyOf(listener), entry);
      entry.recent.push(...clients.slice(-mostClients).map((client) => ({ at: now, client })));
      entry.recent.splice(0, entry.recent.length - mostClients);
      entry.tally = undefined;
    },
    tally(listener, now) {
      const entry = entryOf(listener);
      if (!entry) return undefined;
      const old = entry.recent.findIndex(({ at }) => at > now - keptMs);
      if (old !== 0) {
        entry.recent.splice(0, old < 0 ? entry.recent.length : old);
        entry.tally = undefined;
      }
      entry.tally ??= tallyOf(entry.recent.map(({ client }) => client));
      return entry.tally;
    },
  };
}

function tallyOf(clients: readonly SampledClient[]): ClientTally {
  const counts = new Map<string, number>();
  for (const { address } of clients) counts.set(address, (counts.get(address) ?? 0) + 1);
  return { counts, ofPeers: clients.filter(({ isPeer }) => isPeer).length };
}
