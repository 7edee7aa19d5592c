import type { HashInput } from '../../ir/backend.ts';
import { durationMs } from '../../kind/gateway/duration.ts';
import type { TrafficSpec } from './effective.ts';

/** What keeps users on their side of a split; undefined: nothing, each request is drawn by itself. */
export function stickyOn({ split }: TrafficSpec): HashInput | undefined {
  if (!split) return undefined;
  const { cookie, header } = split.stickyOn;
  if (cookie) return { type: 'cookie', name: cookie.name, ...(cookie.ttl !== undefined && { ttlMs: durationMs(cookie.ttl) }) };
  return header === undefined ? { type: 'clientAddress' } : { type: 'header', name: header.toLowerCase() };
}
