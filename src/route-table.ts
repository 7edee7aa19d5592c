import type { Origin } from './diagnostic.ts';
import { eachOfListAtOnce } from './memo/each-of-list.ts';
import { createSlot } from './memo/slot.ts';
import { type EncodedTable, joinedTable, tableLength, tableParts, writeTable } from './proto/encoded-table.ts';
import { type Resource, versionOf } from './resource.ts';

/** What route configurations were made of. */
const tables = createSlot<Resource, EncodedTable>();

/**
 * A route configuration as a resource. It may have thousands of virtual hosts of which few differ from those of the one before, so all that is done
 * with it is done with each virtual host once: it is put together only when somebody asks for its bytes as a whole, and its version is made of theirs.
 * @param origins asked when somebody wants to know them.
 */
export function tableResource(name: string, table: EncodedTable, origins: () => readonly Origin[]): Resource {
  let bytes: Uint8Array | undefined;
  let found: readonly Origin[] | undefined;
  const resource: Resource = {
    type: 'routes',
    name,
    version: versionOfTable(name, table),
    get bytes() {
      bytes ??= joinedTable(table);
      return bytes;
    },
    get origins() {
      found ??= origins();
      return found;
    },
  };
  tables.set(resource, table);
  return resource;
}

/** For one that takes the place of another. A function of its own, as what a revision holds on to must not hold on to all that there was. */
export function originsOf(table: Resource): () => readonly Origin[] {
  return () => table.origins;
}

/** What a route configuration is made of, whoever made it. */
export function tableOf(resource: Resource): EncodedTable {
  const table = tables.get(resource) ?? tableParts(resource.bytes);
  tables.set(resource, table);
  return table;
}

/** How many bytes a resource has. A table is not put together for it. */
export function byteLengthOf(resource: Resource): number {
  const table = tables.get(resource);
  return table ? tableLength(table) : resource.bytes.length;
}

/** Writes the bytes of a resource. A table is not put together before. @param at where they begin. @returns where they end. */
export function writeBytesOf(resource: Resource, target: Buffer, at: number): number {
  const table = tables.get(resource);
  if (table) return writeTable(table, target, at);
  target.set(resource.bytes, at);
  return at + resource.bytes.length;
}

/** Stands for what a resource says: what is known of it holds for every resource that has the very same. It never changes. */
export function contentOf(resource: Resource): object {
  return resource.type === 'routes' ? tableOf(resource) : resource.bytes;
}

/** Most virtual hosts are in the next table as well, and in those of other ports. */
const versions = createSlot<Uint8Array, string>();

const versionsOf = eachOfListAtOnce((bytes: Uint8Array) => {
  const version = versions.get(bytes) ?? versionOf(bytes);
  versions.set(bytes, version);
  return version;
});

/** All versions are of one length, so that no other parts give the same text. */
function versionOfTable(name: string, { own, hosts }: EncodedTable): string {
  return versionOf(Buffer.from([versionOf(own), ...versionsOf(name, hosts)].join(''), 'latin1'));
}
