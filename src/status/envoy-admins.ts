import type { Clock } from '../clock.ts';
import { outStatisticsQuery, readOutHosts, readOutStatistics } from '../ejection/admin-pages.ts';
import { createEjectionTracker, type EjectionTimes, type OutEndpoint } from '../ejection/tracker.ts';

/** The endpoints that one Envoy leaves out. */
export interface OutAtEnvoy {
  /** `node.id`. */
  readonly node: string;
  readonly group: string;
  readonly endpoints: readonly OutEndpoint[];
}

/** Asks the admin pages of Envoys which endpoints they leave out. */
export interface EnvoyAdmins {
  /** The admin pages (`HOST:PORT`) that are asked from now on. */
  follow(addresses: readonly string[]): void;
  /** By Envoy, as it answered last. */
  out(): readonly OutAtEnvoy[];
  stop(): void;
}

export interface EnvoyAdminsOptions {
  readonly clock: Clock;
  /** How long endpoints of a cluster are ejected; undefined: the group has no such cluster, or nothing is ejected there. */
  readonly timesOf: (group: string, cluster: string) => EjectionTimes | undefined;
}

interface Followed {
  readonly tracker: ReturnType<typeof createEjectionTracker>;
  node?: { readonly id: string; readonly group: string };
}

/** Small enough that an ejection of a second is seen, and that the time that is left is told about right. */
const everyMs = 1000;
const answerWithinMs = 2000;

/** Makes one that follows nobody. An Envoy that does not answer is asked again, and nothing is told of it until it does. */
export function createEnvoyAdmins({ clock, timesOf }: EnvoyAdminsOptions): EnvoyAdmins {
  const followed = new Map<string, Followed>();
  let cancel: (() => void) | undefined;
  let isStopped = false;

  async function ask(address: string, path: string): Promise<unknown> {
    const answer = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(answerWithinMs) });
    return answer.json();
  }

  async function look(address: string, one: Followed): Promise<void> {
    try {
      one.node ??= nodeIn(await ask(address, '/server_info'));
      const { group } = one.node;
      const statistics = readOutStatistics(await ask(address, `/stats?${outStatisticsQuery}`));
      const hosts = statistics.hasUnhealthy ? readOutHosts(await ask(address, '/clusters?format=json')) : [];
      one.tracker.look(statistics, hosts, (cluster) => timesOf(group, cluster), clock.steady());
    } catch {
      // Gone, not there yet, or busy: what it said before may be wrong by now.
      if (followed.get(address) === one) followed.set(address, { tracker: createEjectionTracker() });
    }
  }

  async function lookAtAll(): Promise<void> {
    await Promise.all([...followed].map(([address, one]) => look(address, one)));
    cancel = undefined;
    arm();
  }
  function arm(): void {
    if (!isStopped && followed.size > 0) cancel ??= clock.after(everyMs, () => void lookAtAll());
  }

  return {
    follow(addresses) {
      for (const address of followed.keys()) if (!addresses.includes(address)) followed.delete(address);
      for (const address of addresses) if (!followed.has(address)) followed.set(address, { tracker: createEjectionTracker() });
      arm();
    },
    out: () =>
      [...followed.values()].flatMap(({ node, tracker }) => (node ? [{ node: node.id, group: node.group, endpoints: tracker.list(clock.steady()) }] : [])),
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}

function nodeIn(page: unknown): { readonly id: string; readonly group: string } {
  const { node } = page as { readonly node?: { readonly id?: string; readonly cluster?: string } };
  return { id: node?.id ?? '', group: node?.cluster ?? '' };
}
