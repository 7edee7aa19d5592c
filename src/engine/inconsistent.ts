import type { Logger } from 'pino';
import { undefinedClusters } from '../ir/names.ts';
import type { Snapshot } from '../resource.ts';
import { consistent } from '../revision/consistent.ts';

/**
 * Logs what a snapshot refers to and does not have, which is a bug of ours: a user's mistake ends before. It is served all the
 * same, as whatever does not need the missing resource works, and an Envoy keeps what it has of it.
 */
export function logInconsistent(snapshot: Snapshot, log: Logger): void {
  const found = consistent(snapshot, undefinedClusters);
  if (found.length === 0) return;
  const { group, revision } = snapshot;
  log.error({ group, revision, inconsistencies: found.map(({ message }) => message) }, 'a revision refers to what it does not have');
}
