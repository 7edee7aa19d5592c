import type { KeptRevision } from '../revision/history.ts';

/** Revisions of a group whose content waits to be written. More only pile up while writing fails; then the oldest lose theirs. */
const mostWaiting = 16;

/** Revisions whose content is not written yet, in the order in which it is to be. */
export interface WaitingRevisions extends Iterable<KeptRevision> {
  /** Takes one, behind all others, also where it waited before. @param served the revision that its group is served, which keeps its content. */
  add(kept: KeptRevision, served: string | undefined): void;
  get(group: string, revision: string): KeptRevision | undefined;
  /** It is written, unless it was added again meanwhile. */
  done(kept: KeptRevision): void;
  isEmpty(): boolean;
}

/** Makes one in which none waits. */
export function createWaitingRevisions(): WaitingRevisions {
  const waiting = new Map<string, KeptRevision>();
  return {
    add(kept, served) {
      const { group, revision } = kept.record;
      waiting.delete(keyOf(group, revision));
      waiting.set(keyOf(group, revision), kept);
      const own = [...waiting.values()].filter(({ record }) => record.group === group);
      const oldest = own.length > mostWaiting ? own.find(({ record }) => record.revision !== served) : undefined;
      if (oldest) waiting.delete(keyOf(group, oldest.record.revision));
    },
    get: (group, revision) => waiting.get(keyOf(group, revision)),
    done(kept) {
      const key = keyOf(kept.record.group, kept.record.revision);
      if (waiting.get(key) === kept) waiting.delete(key);
    },
    isEmpty: () => waiting.size === 0,
    [Symbol.iterator]: () => waiting.values(),
  };
}

const keyOf = (group: string, revision: string): string => `${group} ${revision}`;
