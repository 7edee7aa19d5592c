import type { ResourceMap } from '../resource.ts';
import { namesThatMayDiffer } from '../revision/patched-map.ts';
import { createTurn } from '../turn.ts';
import { encodeBundle, inOrder, partCount, partOf } from './bundle.ts';
import type { Medium } from './medium.ts';

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

/** What is written of a group. Immutable. */
interface Written {
  readonly endpoints: ResourceMap;
  /** Its names by the number of their part: to find those of one part among thousands would cost more than to write it. */
  readonly parts: ReadonlyMap<number, ReadonlySet<string>>;
}

const nothing: Written = { endpoints: new Map(), parts: new Map() };

/** Makes one that knows nothing of what is written. */
export function createEndpointWriter(): EndpointWriter {
  const newest = new Map<string, ResourceMap>();
  const written = new Map<string, Written>();

  async function writeGroup(medium: Medium, group: string, now: ResourceMap): Promise<void> {
    const turn = createTurn();
    const known = written.get(group);
    const { next, changed } = after(known ?? nothing, now);
    // Where nothing is known of what the medium holds, parts that are empty now may be there.
    for (const part of known ? changed : Array(partCount).keys()) {
      const members = [...(next.parts.get(part) ?? [])].flatMap((name) => now.get(name) ?? []).map((resource) => ({ resource }));
      await medium.writeEndpoints(group, part, members.length === 0 ? undefined : encodeBundle({ type: 'endpoints', members: inOrder(members) }));
      await turn.rest();
    }
    written.set(group, next);
  }

  return {
    take: (group, endpoints) => void newest.set(group, endpoints),
    known: (group, endpoints) => void written.set(group, after(nothing, endpoints).next),
    forget(group) {
      newest.delete(group);
      written.delete(group);
    },
    isDue: () => newest.size > 0,
    async write(medium) {
      for (const [group, now] of newest) {
        await writeGroup(medium, group, now);
        if (newest.get(group) === now) newest.delete(group);
      }
    },
  };
}

/** What is written once all parts that differ are. */
function after({ endpoints: before, parts: known }: Written, endpoints: ResourceMap): { readonly next: Written; readonly changed: ReadonlySet<number> } {
  const parts = new Map(known);
  const changed = new Map<number, Set<string>>();
  for (const name of namesThatMayDiffer(before, endpoints)) {
    if (before.get(name)?.version === endpoints.get(name)?.version) continue;
    const part = partOf(name);
    const names = changed.get(part) ?? new Set(known.get(part));
    changed.set(part, names);
    if (endpoints.has(name)) names.add(name);
    else names.delete(name);
  }
  for (const [part, names] of changed) parts.set(part, names);
  return { next: { endpoints, parts }, changed: new Set(changed.keys()) };
}
