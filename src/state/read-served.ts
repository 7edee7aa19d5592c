import type { ResourceMap } from '../resource.ts';
import type { LastServed } from '../revision/history.ts';
import { decodeBundle } from './bundle.ts';
import { readContent } from './content.ts';
import type { Medium } from './medium.ts';

/** What groups were served when the process before ended. */
export interface ServedBefore {
  readonly served: readonly LastServed[];
  /** The endpoints of each group, which outlive what is served. */
  readonly endpoints: ReadonlyMap<string, ResourceMap>;
  /** Keys of bundles that cannot be read. */
  readonly lostBundles: readonly string[];
}

/** Reads what was served last, and nothing else. Groups that nobody asks for any more have no part in it. */
export async function readServed(medium: Medium): Promise<ServedBefore> {
  const served: LastServed[] = [];
  const endpoints = new Map<string, ResourceMap>();
  const lostBundles: string[] = [];
  for (const { release, entry } of await medium.readServed()) {
    const { group, retiredAt } = release;
    const content = entry?.bundles && release.release && retiredAt === undefined ? await readContent(medium, entry, entry.bundles) : undefined;
    const parts = retiredAt === undefined ? await medium.readEndpoints(group) : [];
    const known: ResourceMap = new Map(parts.flatMap((part) => decodeBundle(part).map(({ resource }) => [resource.name, resource])));
    endpoints.set(group, known);
    if (content && 'lost' in content) lostBundles.push(content.lost);
    else if (content && release.release) served.push({ release: release.release, kept: content, endpoints: known });
  }
  return { served, endpoints, lostBundles };
}
