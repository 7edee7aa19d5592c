import { isDeepStrictEqual } from 'node:util';
import { type Condition, timedConditions, type WantedCondition } from './condition.ts';

/** An entry of `status.parents` of a route or of `status.ancestors` of a policy, besides what it is about. */
interface EntryOf<C> {
  readonly controllerName: string;
  readonly conditions: readonly C[];
}

export type WantedEntry<Reference> = Reference & EntryOf<WantedCondition>;
export type Entry<Reference> = Reference & EntryOf<Condition>;

/** Who says what Sluice says. */
export const controllerName = 'gateway.sluice.dev/controller';

/** What to write as a list whose entries belong to several controllers. */
export interface MergedEntries<Reference> {
  readonly entries: readonly Entry<Reference>[];
  /** How many of `wanted` find no room. */
  readonly left: number;
}

/**
 * The list is atomic: who writes it writes all of it. Entries of others stay as and where they are, and so do those of ours that
 * are still wanted; the new ones follow. As the list holds what others wrote, it must be written with the resourceVersion that
 * it was read with.
 * @param referenceOf what an entry is about: two with equal references are the same.
 * @param room how many entries the list may have: 32 parents, 16 ancestors.
 * @param now milliseconds since 1970.
 */
export function mergedEntries<Reference extends object>(
  live: readonly Entry<Reference>[],
  wanted: readonly WantedEntry<Reference>[],
  referenceOf: (entry: Reference) => unknown,
  room: number,
  now: number,
): MergedEntries<Reference> {
  const isAbout = (one: Reference, other: Reference): boolean => isDeepStrictEqual(referenceOf(one), referenceOf(other));
  const timed = (entry: WantedEntry<Reference>, known: Entry<Reference> | undefined): Entry<Reference> => ({
    ...entry,
    controllerName,
    conditions: timedConditions(known?.conditions ?? [], entry.conditions, now),
  });
  const isOurs = (entry: Entry<Reference>): boolean => entry.controllerName === controllerName;
  const missing = new Set(wanted);
  const kept = live.flatMap((entry) => {
    if (!isOurs(entry)) return [entry];
    const found = [...missing].find((one) => isAbout(one, entry));
    if (!found) return [];
    missing.delete(found);
    return [timed(found, entry)];
  });
  const added = [...missing].slice(0, Math.max(0, room - kept.length));
  return { entries: [...kept, ...added.map((entry) => timed(entry, undefined))], left: missing.size - added.length };
}
