import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { EndpointOrigin } from '../ir/backend.ts';
import { WeakTable } from '../memo/weak-table.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes } from '../resource.ts';
import type { KeptRevision, LoadedRevision } from '../revision/history.ts';
import { createTurn } from '../turn.ts';
import { type Bundle, bundleOf, decodeBundle, encodeBundle, partsOf } from './bundle.ts';
import type { Entry, Medium, StoredBundle } from './medium.ts';

// Both leave the event loop to others: a thread does the work.
const compress = promisify<Buffer, Buffer>(deflate);
const decompress = promisify<Buffer, Buffer>(inflate);

/**
 * Writes the bundles of a revision that are not there yet, and gives all of them.
 * @param bundleOfKey a bundle that is there.
 */
export async function writeContent(
  medium: Medium,
  { snapshot, endpointOrigins }: KeptRevision,
  bundleOfKey: (key: string) => StoredBundle | undefined,
): Promise<readonly StoredBundle[]> {
  const turn = createTurn();
  const stored: StoredBundle[] = [];
  for (const type of resourceTypes) {
    const secret = type === 'secrets';
    if (type === 'endpoints' || (secret && !medium.keepsSecrets)) continue;
    const resources = snapshot.resources[type];
    const before = written.get(resources, medium);
    const found = before?.endpointOrigins === endpointOrigins ? before.keys.flatMap((key) => bundleOfKey(key) ?? []) : [];
    if (before && found.length === before.keys.length) {
      stored.push(...found);
      continue;
    }
    const keys: string[] = [];
    for (const members of partsOf(resources, endpointOrigins).values()) {
      const bundle = bundleOf(type, members);
      const key = medium.keyOf(bundle.id, secret);
      keys.push(key);
      stored.push(bundleOfKey(key) ?? (await writeBundle(medium, bundle, key)));
      await turn.rest();
    }
    written.set(resources, medium, { endpointOrigins, keys });
  }
  return stored;
}

/** Keys of the bundles of resources. Most maps of resources are in the next revision as well: thousands of names need not be hashed again. */
const written = new WeakTable<ResourceMap, Medium, { readonly endpointOrigins: KeptRevision['endpointOrigins']; readonly keys: readonly string[] }>();

async function writeBundle(medium: Medium, bundle: Bundle, key: string): Promise<StoredBundle> {
  const content = await compress(encodeBundle(bundle));
  const stored: StoredBundle = { key, bytes: content.length, secret: bundle.type === 'secrets' };
  await medium.writeBundle(stored, content);
  return stored;
}

/**
 * Reads a revision back. Values of secrets that are not there are named in it.
 * @returns the key of a bundle that is needed and cannot be read instead, where there is one.
 */
export async function readContent(
  medium: Medium,
  { record, secrets }: Entry,
  bundles: readonly StoredBundle[],
): Promise<LoadedRevision | { readonly lost: string }> {
  const turn = createTurn();
  const found = new Map<ResourceType, Map<string, Resource>>();
  const endpointOrigins = new Map<string, EndpointOrigin>();
  for (const bundle of bundles) {
    const content = await medium.readBundle(bundle);
    if (!content && bundle.secret) continue;
    if (!content) return { lost: bundle.key };
    for (const { resource, endpointOrigin } of decodeBundle(await decompress(content))) {
      const ofType = found.get(resource.type) ?? new Map<string, Resource>();
      found.set(resource.type, ofType.set(resource.name, resource));
      if (endpointOrigin) endpointOrigins.set(resource.name, endpointOrigin);
    }
    await turn.rest();
  }
  const maps = resourceTypes.map((type): [ResourceType, ResourceMap] => [type, found.get(type) ?? new Map()]);
  const resources = Object.fromEntries(maps) as Record<ResourceType, ResourceMap>;
  return {
    record,
    snapshot: { group: record.group, revision: record.revision, resources },
    endpointOrigins,
    missingSecrets: new Map(secrets.filter(([name]) => !resources.secrets.has(name))),
  };
}
