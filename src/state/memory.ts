import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { History } from '../revision/history.ts';
import { createHistory } from './history.ts';
import type { Medium } from './medium.ts';
import { type Limits, memoryLimits } from './retention.ts';

/** A history that ends with the process: for a server without a state folder. Content is compressed, and bounded in bytes. */
export function createMemoryHistory({ clock, log, limits = memoryLimits }: { readonly clock: Clock; readonly log: Logger; readonly limits?: Limits }): History {
  return createHistory(memoryMedium(), { clock, log, limits });
}

/** Keeps bundles in a map, and writes down nothing else. */
export function memoryMedium(): Medium {
  const bundles = new Map<string, Buffer>();
  const nothing = async (): Promise<void> => {};
  return {
    place: 'memory',
    claim: async () => false,
    readServed: async () => [],
    read: async () => ({ entries: [], releases: [], bundles: [] }),
    keyOf: (id) => id,
    keepsSecrets: true,
    writeBundle: async ({ key }, content) => void bundles.set(key, content),
    readBundle: async ({ key }) => bundles.get(key),
    removeBundle: async (key) => void bundles.delete(key),
    writeEntry: nothing,
    removeEntry: nothing,
    writeRelease: nothing,
    removeGroup: nothing,
    writeEndpoints: nothing,
    readEndpoints: async () => [],
    writeAges: nothing,
    readAges: async () => undefined,
    diagnostics: () => [],
    close: nothing,
  };
}
