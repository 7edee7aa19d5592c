import type { ClusterWriter, WriterContext } from './cluster-writes.ts';

/** All that Sluice writes to a cluster. */
export function clusterWriters(_context: WriterContext): readonly ClusterWriter[] {
  return [];
}
