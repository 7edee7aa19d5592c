import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource } from '../resource.ts';
import type { EjectionTimes } from './tracker.ts';

/** How long a cluster ejects its endpoints; undefined: it ejects none. Envoy's own numbers hold where it says none. */
export function ejectionTimes(cluster: Resource): EjectionTimes | undefined {
  const { outlier_detection: detection } = decode('envoy.config.cluster.v3.Cluster', cluster.bytes);
  if (!detection) return undefined;
  const { base_ejection_time: base, max_ejection_time: most, interval } = detection;
  return { baseMs: milliseconds(base, 30_000), mostMs: milliseconds(most, 300_000), intervalMs: milliseconds(interval, 10_000) };
}

function milliseconds(duration: Message<'google.protobuf.Duration'> | null | undefined, fallback: number): number {
  return duration ? Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1_000_000 : fallback;
}
