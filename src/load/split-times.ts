import type { Split, SplitTable } from './splits.ts';

/** When the shares of a route became what they are, and what they were. */
interface SplitChange {
  /** Undefined: longer ago than this server knows. */
  readonly since: number | undefined;
  readonly before?: Split;
}

/** Remembers since when each split has its shares: what was measured before says nothing of them. */
export interface SplitTimes {
  /** What a group is served from a moment on. @returns the routes whose shares changed, none for the first time. */
  note(group: string, table: SplitTable, at: number): readonly Split[];
  /** Of a route that is a split, or was one. Undefined: the route never was, or has other shares than `split`. */
  changeOf(group: string, split: Split): SplitChange | undefined;
  /** Names of the routes that are splits or were. */
  routes(group: string): Iterable<string>;
}

interface Known extends SplitChange {
  readonly split: Split;
  readonly key: string;
}

/** Equal for splits with the same shares. */
export const sharesKey = ({ backends }: Split): string => JSON.stringify(backends.map(({ cluster, weight }) => [cluster, weight]));

/** Makes one that knows nothing yet. */
export function createSplitTimes(): SplitTimes {
  const groups = new Map<string, ReadonlyMap<string, Known>>();
  return {
    note(group, { splits, routes }, at) {
      const before = groups.get(group);
      const changed: Split[] = [];
      const next = new Map<string, Known>();
      for (const route of new Set([...splits.keys(), ...(before?.keys() ?? [])])) {
        const split = routes.get(route);
        if (!split) continue;
        const known = before?.get(route);
        const key = sharesKey(split);
        if (known?.key === key) next.set(route, known);
        else if (!before) next.set(route, { split, key, since: undefined });
        else {
          next.set(route, { split, key, since: at, ...(known ? { before: known.split } : {}) });
          changed.push(split);
        }
      }
      groups.set(group, next);
      return changed;
    },
    changeOf(group, split) {
      const known = groups.get(group)?.get(split.route);
      return known?.key === sharesKey(split) ? known : undefined;
    },
    routes: (group) => groups.get(group)?.keys() ?? [],
  };
}
