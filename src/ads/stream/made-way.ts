import { memoized } from '../../memo/memoized.ts';
import { decode } from '../../proto/codec.ts';
import { messageNameOf, type Resource } from '../../resource.ts';
import { isWhole } from './held.ts';
import type { Subscription } from './subscription.ts';

/**
 * Listeners that are gone go with those that come, which may bind their addresses: Envoy would refuse these, and removes first. While
 * another one waits for its clusters, which may be the one that follows them, only those go whose port is taken now.
 * @param changed those that come.
 */
export function madeWay({ type, retired, held }: Subscription, changed: readonly Resource[], waiting: boolean): readonly string[] {
  if (type !== 'listeners' || retired.size === 0 || changed.length === 0) return [];
  const gone = [...retired.keys()];
  if (!waiting) return gone;
  const taken = new Set(changed.map(portOf));
  return gone.filter((name) => {
    const has = held.get(name);
    return has && isWhole(has) && taken.has(portOf(has));
  });
}

// A resource never changes.
const portOf = memoized(({ bytes }: Resource): number | undefined => decode(messageNameOf('listeners'), bytes).address?.socket_address?.port_value);
