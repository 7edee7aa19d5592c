import { type Kind, kinds } from '../kind/index.ts';
import { ApiError } from './api-error.ts';
import type { ClusterClient } from './client.ts';

/** Where the objects of a kind are. */
export interface ApiResource {
  /** As objects write it: `gateway.networking.k8s.io/v1`. */
  readonly apiVersion: string;
  /** As URLs and roles name it: `httproutes`. */
  readonly plural: string;
}

/** What the API server says of a version of a group. */
interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

/** Answers are used again by the kinds of a group, which all ask at the same time. */
const keptMs = 1000;

/** Finds where kinds are served now. */
export interface Discovery {
  /**
   * The first version of the kind that is served. Undefined: none is, as the CRD is not there.
   * @throws {ApiError} or an error of the connection.
   */
  find(kind: Kind, signal: AbortSignal): Promise<ApiResource | undefined>;
}

/** @param steady now, by a clock that never jumps. */
export function createDiscovery(client: ClusterClient, steady: () => number): Discovery {
  const asked = new Map<string, { readonly at: number; readonly list: Promise<ResourceList | undefined> }>();

  function listOf(path: string, signal: AbortSignal): Promise<ResourceList | undefined> {
    const known = asked.get(path);
    if (known && steady() - known.at < keptMs) return known.list;
    const list = client.ask({ path, signal }).then(
      (answer) => answer as ResourceList,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      },
    );
    asked.set(path, { at: steady(), list });
    return list;
  }

  return {
    async find(kind, signal) {
      const { group, versions } = kinds[kind];
      for (const version of versions) {
        const list = await listOf(group === '' ? `/api/${version}` : `/apis/${group}/${version}`, signal);
        const found = list?.resources?.find((one) => one.kind === kind && !one.name.includes('/'));
        if (found) return { apiVersion: group === '' ? version : `${group}/${version}`, plural: found.name };
      }
      return undefined;
    },
  };
}

/** The path of a resource, in one namespace or in all. */
export function pathOf({ apiVersion, plural }: ApiResource, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}
