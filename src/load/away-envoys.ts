/** An Envoy of a group. */
interface Who {
  readonly group: string;
  /** `node.id`. */
  readonly id: string;
}

/** An Envoy that is not connected any more. */
export interface AwayEnvoy {
  /** `node.id`. */
  readonly id: string;
  /** When it went, by a clock that never jumps. */
  readonly wentAt: number;
}

/** Remembers for a while which Envoys went and did not come back: each ended, or goes on with what it had. Nobody here can tell. */
export interface AwayEnvoys {
  opened(envoy: Who): void;
  /** One of its streams ended. */
  closed(envoy: Who, now: number): void;
  /** Those of a group that went no longer than ten minutes ago, by id. */
  of(group: string, now: number): readonly AwayEnvoy[];
}

/** Longer than a machine needs to come back, and than a network is usually cut. */
const rememberedMs = 10 * 60_000;
/** More than leave at once; the oldest are forgotten. */
const mostAway = 10_000;

/** Makes one that has seen nobody. */
export function createAwayEnvoys(): AwayEnvoys {
  const keyOf = ({ group, id }: Who): string => JSON.stringify([group, id]);
  /** How many streams each has open. */
  const open = new Map<string, number>();
  /** In the order in which they went. */
  const away = new Map<string, Who & AwayEnvoy>();
  return {
    opened(envoy) {
      const key = keyOf(envoy);
      open.set(key, (open.get(key) ?? 0) + 1);
      away.delete(key);
    },
    closed({ group, id }, now) {
      const key = keyOf({ group, id });
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) return void open.set(key, left);
      open.delete(key);
      away.set(key, { group, id, wentAt: now });
      for (const [oldest, { wentAt }] of away) {
        if (away.size <= mostAway && now - wentAt <= rememberedMs) break;
        away.delete(oldest);
      }
    },
    of: (group, now) =>
      [...away.values()]
        .filter((envoy) => envoy.group === group && now - envoy.wentAt <= rememberedMs)
        .map(({ id, wentAt }) => ({ id, wentAt }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
