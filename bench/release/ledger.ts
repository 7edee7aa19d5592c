import { readFile } from 'node:fs/promises';
import type { Backend } from './backends.ts';

/** What the backends saw of requests that may not be done twice. */
export interface Ledger {
  /** Ids that came more than once, to whichever backends. */
  readonly duplicated: ReadonlySet<string>;
  /** Ids that came to a backend, which did not write a whole answer. */
  readonly begun: ReadonlySet<string>;
}

/** Reads what they wrote, also those that are dead. */
export async function ledgerOf(backends: readonly Backend[]): Promise<Ledger> {
  const came = new Map<string, number>();
  const answered = new Set<string>();
  for (const { seenFile } of backends) {
    for (const line of (await readFile(seenFile, 'utf8')).split('\n')) {
      const id = line.slice(1);
      if (line.startsWith('+')) came.set(id, (came.get(id) ?? 0) + 1);
      if (line.startsWith('-')) answered.add(id);
    }
  }
  return {
    duplicated: new Set([...came].filter(([, times]) => times > 1).map(([id]) => id)),
    begun: new Set([...came.keys()].filter((id) => !answered.has(id))),
  };
}
