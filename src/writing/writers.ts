import type { ClusterWriter, WriterContext } from './cluster-writes.ts';
import { createEventWriter } from './event-writer.ts';
import { createRefusedStatusWriter } from './refused-status-writer.ts';
import { createStatusWriter } from './status-writer.ts';

/** All that Sluice writes to a cluster. */
export function clusterWriters(context: WriterContext): readonly ClusterWriter[] {
  return [createStatusWriter(context), createEventWriter(context), createRefusedStatusWriter(context)];
}
