import type { HashInput } from '../../ir/backend.ts';
import type { TrafficSpec } from './effective.ts';
import { markOf } from './mark.ts';

/** What keeps users on their side of a split; undefined: nothing, each request is drawn by itself. */
export function stickyOn({ split }: TrafficSpec): HashInput | undefined {
  return split && (markOf(split.stickyOn) ?? { type: 'clientAddress' });
}
