import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.ts';
import type { ClusterClient } from './client.ts';
import type { LiveObject, LiveObjects } from './live-objects.ts';

/** An object whose status is written. */
export interface StatusTarget {
  /** Text of its key. */
  readonly id: string;
  /** Of the object that is meant: one that took its name since is another. */
  readonly uid: string;
}

/** `unchanged`: nothing was to write. `gone`: the object is deleted, and nothing was written. */
export type StatusOutcome = 'written' | 'unchanged' | 'gone';

/**
 * Writes what is to be said of an object, by server-side apply, where it is not said yet. It is one request: what it writes holds
 * for the object as the API server last told of it.
 * @param statusOf all that Sluice has to say, for the status that is there.
 * @throws {ApiError} for what the API server says; `Conflict` where somebody else wrote, of which it is about to tell. Other errors
 * are those of the connection.
 */
export async function applyStatus(
  client: Pick<ClusterClient, 'ask'>,
  objects: LiveObjects,
  { id, uid }: StatusTarget,
  statusOf: (live: LiveObject) => Readonly<Record<string, unknown>>,
): Promise<StatusOutcome> {
  const live = objects.get(id);
  if (live?.metadata.uid !== uid) return 'gone';
  const status = statusOf(live);
  if (says(live.status ?? {}, status)) return 'unchanged';
  const { path, apiVersion, kind, metadata } = live;
  const { name, namespace, resourceVersion } = metadata;
  try {
    const answer = await client.ask({
      method: 'PATCH',
      path: `${path}/status`,
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'sluice', force: true },
      body: { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status },
    });
    objects.answered(id, resourceVersion, answer);
    return 'written';
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return 'gone';
    throw error;
  }
}

/** Whether somebody else wrote meanwhile: what he wrote is told soon. */
export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.status === 409;

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
