import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.ts';
import type { ClusterClient } from './client.ts';

/** An object whose status is written. */
export interface StatusTarget {
  /** Of the object: `/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop`. */
  readonly path: string;
  /** Of the object that is meant: one that took its name since is another. */
  readonly uid: string;
}

/** An object as the API server has it now. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

/** `unchanged`: nothing was to write. `gone`: the object is deleted, and nothing was written. */
export type StatusOutcome = 'written' | 'unchanged' | 'gone';

/** Who else writes the status at the same time is let go first so often. */
const attempts = 5;

/**
 * Writes what is to be said of an object, by server-side apply, where it is not said yet. What it writes holds for the state of
 * the object that it read: where somebody wrote meanwhile, it reads again.
 * @param statusOf all that Sluice has to say, for the status that is there.
 * @throws {ApiError} for what the API server says; `Conflict` where others never stop to write. Other errors are those of the connection.
 */
export async function applyStatus(
  client: Pick<ClusterClient, 'ask'>,
  { path, uid }: StatusTarget,
  statusOf: (live: LiveObject) => Readonly<Record<string, unknown>>,
): Promise<StatusOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      const live = (await client.ask({ path })) as LiveObject;
      if (live.metadata.uid !== uid) return 'gone';
      const status = statusOf(live);
      if (says(live.status ?? {}, status)) return 'unchanged';
      const { apiVersion, kind, metadata } = live;
      const { name, namespace, resourceVersion } = metadata;
      await client.ask({
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'sluice', force: true },
        body: { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status },
      });
      return 'written';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return 'gone';
      if (error.status !== 409 || attempt === attempts) throw error;
    }
  }
}

/** Whether all of `status` is said already. Conditions of other types may belong to others; all other fields are compared as a whole. */
export function says(live: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(status).every(([field, value]) =>
    field === 'conditions' ? saysConditions(live[field], value) : isDeepStrictEqual(live[field], value),
  );
}

function saysConditions(live: unknown, wanted: unknown): boolean {
  const there = Array.isArray(live) ? live : [];
  return Array.isArray(wanted) && wanted.every((one) => there.some((other) => isDeepStrictEqual(one, other)));
}
