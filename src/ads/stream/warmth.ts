import { memoized } from '../../memo/memoized.ts';
import { decode } from '../../proto/codec.ts';
import { secondsOf } from '../../proto/duration-rules.ts';
import type { Resource } from '../../resource.ts';
import { references } from '../../revision/references.ts';
import { memoizedWhereLong } from './long-lists.ts';

/** What a new cluster waits for before requests can go to it. */
export interface Warmth {
  readonly endpoints: boolean;
  /** Names of its secrets. */
  readonly secrets: ReadonlySet<string>;
  /**
   * How long after these it may still warm: until the first health check of each endpoint has ended, in
   * success, failure or its time-out. 0: it has no health checks.
   */
  readonly checkMs: number;
}

/** What timers and the way of an ACK may take in a busy Envoy. */
const slackMs = 500;

/**
 * What a cluster waits for; undefined: for something of which no reply of its client tells, such as the resolver of its names. Envoy begins
 * the first health checks when it has endpoints and secrets, after `initial_jitter` at the latest; intervals come after them,
 * and endpoints that are not checked are not waited for.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/cluster_manager#cluster-warming
 */
export function warmthOf(cluster: Resource): Warmth | undefined {
  return read(cluster).warmth;
}

/** Those of a list that wait for no health check and no secret; the list itself where that is all. */
export const quickOf = memoizedWhereLong((clusters: readonly Resource[]): readonly Resource[] => {
  const quick = clusters.filter((cluster) => !read(cluster).isSlow);
  return quick.length === clusters.length ? clusters : quick;
});

// A resource never changes, so that what was once read of it holds for as long as it is there.
const read = memoized((cluster: Resource): { readonly warmth: Warmth | undefined; readonly isSlow: boolean } => {
  const { type, cluster_type, health_checks = [] } = decode('envoy.config.cluster.v3.Cluster', cluster.bytes);
  const { secrets } = references(cluster);
  const checks = health_checks.map(({ initial_jitter, timeout }) => 1000 * (secondsOf({ ...initial_jitter }) + secondsOf({ ...timeout })));
  const checkMs = checks.length > 0 ? Math.max(...checks) + slackMs : 0;
  // A message without a type says STATIC, which is also there beside a type by extension.
  const isKnown = type === 'EDS' || (!cluster_type && (type ?? 'STATIC') === 'STATIC');
  return { warmth: isKnown ? { endpoints: type === 'EDS', secrets, checkMs } : undefined, isSlow: checkMs > 0 || secrets.size > 0 };
});
