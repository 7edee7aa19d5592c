import type { ResourceMap } from '../resource.ts';
import { namesThatMayDiffer } from '../revision/patched-map.ts';
import { bundleOf, encodeBundle, partOf, partsOf } from './bundle.ts';
import type { Medium } from './medium.ts';
import { createTurns } from './turns.ts';

/** Writes endpoints as they are known last: of each group only the parts in which something changed. */
export interface EndpointWriter {
  /** Takes the newest; nothing is written yet. */
  take(group: string, endpoints: ResourceMap): void;
  /** What the medium holds of a group already. */
  known(group: string, endpoints: ResourceMap): void;
  forget(group: string): void;
  isDue(): boolean;
  write(medium: Medium): Promise<void>;
}

/** More than any part's number. */
const partCount = 64;

/** Makes one that knows nothing of what is written. */
export function createEndpointWriter(): EndpointWriter {
  const newest = new Map<string, ResourceMap>();
  const written = new Map<string, ResourceMap>();

  async function writeGroup(medium: Medium, group: string, now: ResourceMap): Promise<void> {
    const turns = createTurns();
    const changed = changedParts(written.get(group), now);
    if (changed.size === 0) return;
    const byPart = partsOf(now, new Map());
    for (const part of changed) {
      const members = byPart.get(part);
      await medium.writeEndpoints(group, part, members && encodeBundle(bundleOf('endpoints', members)));
      await turns.rest();
    }
  }

  return {
    take: (group, endpoints) => void newest.set(group, endpoints),
    known: (group, endpoints) => void written.set(group, endpoints),
    forget(group) {
      newest.delete(group);
      written.delete(group);
    },
    isDue: () => newest.size > 0,
    async write(medium) {
      for (const [group, now] of newest) {
        await writeGroup(medium, group, now);
        written.set(group, now);
        if (newest.get(group) === now) newest.delete(group);
      }
    },
  };
}

/** @param before undefined: nothing is known of what the medium holds, so that every part is written. */
function changedParts(before: ResourceMap | undefined, now: ResourceMap): ReadonlySet<number> {
  if (before === now) return new Set();
  if (!before) return new Set(Array.from({ length: partCount }, (_, part) => part));
  const names = [...namesThatMayDiffer(before, now)].filter((name) => before.get(name)?.version !== now.get(name)?.version);
  return new Set(names.map(partOf));
}
