import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { pagesOf } from '../kubernetes/pages.ts';
import { collectionPath, contentOf, type Manifest, type ManifestKind, manifestKinds } from './manifest.ts';
import { ownSelector } from './names.ts';
import { type Found, isOwnedAs, type LiveObject } from './steps.ts';

/** What became of a manifest. */
type ApplyOutcome = 'made' | 'changed' | 'unchanged';

/** The objects of Gateways in a cluster. Errors are those of `ClusterClient.ask`. */
export interface ClusterObjects {
  /** All that was made for Gateways, whoever made it. */
  list(): Promise<readonly Found[]>;
  /** Undefined: there is none. */
  read(kind: ManifestKind, at: { readonly namespace: string; readonly name: string }): Promise<LiveObject | undefined>;
  /**
   * Server-side apply; what was said before and is not said now goes, what others say besides stays.
   * @param found undefined: not in the list, so that it is looked for by its name.
   * @throws {ForeignObjectError} where an object of that name belongs to somebody else.
   */
  apply(manifest: Manifest, found: LiveObject | undefined): Promise<ApplyOutcome>;
  /** Deletes the very object that was found. @returns whether it did. */
  remove(found: Found): Promise<boolean>;
}

/** An object that Sluice wants to make is there, and not by Sluice. */
export class ForeignObjectError extends Error {
  override readonly name = 'ForeignObjectError' as const;
}

/**
 * @param namespaces that are looked at; empty: all.
 * @param mayWrite asked before each request that writes; where it may not, nothing is written, and nobody is told.
 */
export function clusterObjects({ ask }: Pick<ClusterClient, 'ask'>, namespaces: readonly string[], mayWrite: () => boolean): ClusterObjects {
  /** What was applied, and what came of it: what others add for good is no reason to write again and again. */
  const applied = new Map<string, { readonly content: string; readonly version: string }>();
  const places = namespaces.length > 0 ? namespaces : [undefined];
  const scopes = (Object.keys(manifestKinds) as ManifestKind[]).flatMap((kind) => places.map((namespace) => ({ kind, namespace })));

  async function read(kind: ManifestKind, at: { readonly namespace: string; readonly name: string }): Promise<LiveObject | undefined> {
    try {
      return (await ask({ path: pathOf(kind, at) })) as LiveObject;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  return {
    read,
    async list() {
      const lists = await Promise.all(
        scopes.map(async ({ kind, namespace }) => {
          const found: Found[] = [];
          const pages = pagesOf<LiveObject>({ ask }, { path: collectionPath(kind, namespace), query: { labelSelector: ownSelector } });
          for await (const { items } of pages) found.push(...items.map((object) => ({ kind, object })));
          return found;
        }),
      );
      return lists.flat();
    },
    async apply(manifest, found) {
      const { kind, metadata } = manifest;
      const live = found ?? (await read(kind, metadata));
      if (live && !isOwnedAs(live, manifest))
        throw new ForeignObjectError(`there is a ${kind} ${metadata.namespace}/${metadata.name} that does not belong to it`);
      const path = pathOf(kind, metadata);
      const content = contentOf(manifest);
      const before = applied.get(path);
      if (live && before?.content === content && before.version === live.metadata.resourceVersion) return 'unchanged';
      if (!mayWrite()) return 'unchanged';
      const query = { fieldManager: 'sluice', force: true };
      const written = await ask({ method: 'PATCH', path, contentType: 'application/apply-patch+yaml', query, body: manifest });
      const version = (written as LiveObject).metadata.resourceVersion;
      applied.set(path, { content, version });
      if (!live) return 'made';
      return version === live.metadata.resourceVersion ? 'unchanged' : 'changed';
    },
    async remove({ kind, object: { metadata } }) {
      if (!mayWrite()) return false;
      applied.delete(pathOf(kind, metadata));
      const body = { propagationPolicy: 'Background', preconditions: { uid: metadata.uid } };
      try {
        await ask({ method: 'DELETE', path: pathOf(kind, metadata), body });
        return true;
      } catch (error) {
        // Gone, or another one in its place: both are as wanted.
        if (isMissing(error) || (error instanceof ApiError && error.status === 409)) return false;
        throw error;
      }
    },
  };
}

const pathOf = (kind: ManifestKind, { namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `${collectionPath(kind, namespace)}/${name}`;

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404;
