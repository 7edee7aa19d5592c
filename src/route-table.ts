import type { Origin } from './diagnostic.ts';
import { type EncodedTable, joinedTable, tableParts } from './proto/encoded-table.ts';
import { type Resource, versionOf } from './resource.ts';

/** What route configurations were made of. */
const tables = new WeakMap<Resource, EncodedTable>();

/**
 * A route configuration as a resource. It may have thousands of virtual hosts of which few differ from those of the one before, so all that is done
 * with it is done with each virtual host once: it is put together only when somebody asks for its bytes, and its version is made of theirs.
 * @param origins asked when somebody wants to know them.
 */
export function tableResource(name: string, table: EncodedTable, origins: () => readonly Origin[]): Resource {
  let bytes: Uint8Array | undefined;
  let found: readonly Origin[] | undefined;
  const resource: Resource = {
    type: 'routes',
    name,
    version: versionOfTable(table),
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

/** What a route configuration is made of, whoever made it. */
export function tableOf(resource: Resource): EncodedTable {
  const table = tables.get(resource) ?? tableParts(resource.bytes);
  tables.set(resource, table);
  return table;
}

/** Stands for what a resource says: what is known of it holds for every resource that has the very same. It never changes. */
export function contentOf(resource: Resource): object {
  return resource.type === 'routes' ? tableOf(resource) : resource.bytes;
}

/** Of virtual hosts and of what stands beside them, by their bytes: most are in the next table as well. */
const versions = new WeakMap<Uint8Array, string>();

function knownVersion(bytes: Uint8Array): string {
  let version = versions.get(bytes);
  if (version === undefined) {
    version = versionOf(bytes);
    versions.set(bytes, version);
  }
  return version;
}

/** All versions are of one length, so that no other parts give the same text. */
function versionOfTable({ own, hosts }: EncodedTable): string {
  let text = versionOf(own);
  for (const host of hosts) text += knownVersion(host);
  return versionOf(Buffer.from(text, 'latin1'));
}
