import { formatAddress } from '../address.ts';
import type { NodeIdentity } from '../ads/stream/status.ts';
import type { Clock } from '../clock.ts';
import { askedOut, type OutPage, outPath, readOut } from '../ejection/out-page.ts';
import { createEjectionTracker, type EjectionTimes, type OutEndpoint } from '../ejection/tracker.ts';

/** The endpoints that one Envoy leaves out. */
export interface OutAtEnvoy {
  /** `node.id`. */
  readonly node: string;
  readonly group: string;
  readonly endpoints: readonly OutEndpoint[];
}

/** Asks Envoys which endpoints they leave out: by their admin pages, or by the views beside those that are connected. */
export interface EnvoyAdmins {
  /** The admin pages (`HOST:PORT`) that are asked from now on. */
  follow(addresses: readonly string[]): void;
  /** An Envoy is connected by one stream more: the view beside it is asked as long as it has one. */
  opened(envoy: Connected): void;
  /** One of its streams ended. */
  closed(envoy: Connected): void;
  /** By Envoy, as it answered last. */
  out(): readonly OutAtEnvoy[];
  stop(): void;
}

export interface EnvoyAdminsOptions {
  readonly clock: Clock;
  /** How long endpoints of a cluster are ejected; undefined: the group has no such cluster, or nothing is ejected there. */
  readonly timesOf: (group: string, cluster: string) => EjectionTimes | undefined;
  /** The port of the views, on the address that an Envoy connects from. Undefined: no view is asked. */
  readonly viewPort?: number;
}

type Connected = Pick<NodeIdentity, 'id' | 'group' | 'agent' | 'peer'>;

interface Followed {
  /** @param known who answered last; undefined: it is not known. */
  readonly ask: (known: Followed['node']) => Promise<OutPage>;
  tracker: ReturnType<typeof createEjectionTracker>;
  /** Who answered last. Undefined: nobody did, or not any more. */
  node?: Pick<OutPage, 'node' | 'group'>;
  failures: number;
  cancel?: () => void;
}

/** Small enough that an ejection of a second is seen, and that the time that is left is told about right. */
const everyMs = 1000;
/** Many Envoys are asked less often, so that all of them together are some fifty questions a second. */
const perEnvoyMs = 20;
/** An Envoy of many clusters is asked less often, so that its main thread has other things to do. */
const perAnswer = 10;
/** Who did not answer is asked again after twice the time, each time, and this at the most. */
const mostPauseMs = 30_000;
const answerWithinMs = 2000;

/** Makes one that follows nobody. An Envoy that does not answer is asked again, and nothing is told of it until it does. */
export function createEnvoyAdmins({ clock, timesOf, viewPort }: EnvoyAdminsOptions): EnvoyAdmins {
  /** By URL. */
  const followed = new Map<string, Followed>();
  const admins = new Set<string>();
  /** The Envoys that are connected from a host, by the URL of the view that is there, with the number of their streams. */
  const connected = new Map<string, Map<string, number>>();

  async function fetched(url: string): Promise<unknown> {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    return answer.json();
  }

  async function asked(url: string, known: Followed['node']): Promise<OutPage> {
    const get = (path: string): Promise<unknown> => fetched(`${url}${path}`);
    const whose = known ?? nodeIn(await get('/server_info'));
    return { ...whose, ...(await askedOut(get)) };
  }

  /** A view speaks for nobody but the Envoy beside it. */
  async function viewed(url: string): Promise<OutPage> {
    const page = readOut(await fetched(`${url}${outPath}`));
    if (!connected.get(url)?.has(keyOf(page.group, page.node))) throw new Error(`${url} answers for another Envoy`);
    return page;
  }

  async function look(url: string, one: Followed): Promise<void> {
    const began = clock.steady();
    try {
      const { node, group, enforced, hosts } = await one.ask(one.node);
      one.node = { node, group };
      one.failures = 0;
      one.tracker.look({ enforced }, hosts, (cluster) => timesOf(group, cluster), clock.steady());
    } catch {
      // Gone, not there yet, or busy: what it said before may be wrong by now.
      one.failures += 1;
      delete one.node;
      one.tracker = createEjectionTracker();
    }
    if (followed.get(url) === one) arm(url, one, clock.steady() - began);
  }

  function arm(url: string, one: Followed, tookMs = 0): void {
    const pauseMs = Math.max(everyMs, followed.size * perEnvoyMs, one.failures === 0 ? tookMs * perAnswer : 0);
    one.cancel = clock.after(Math.min(pauseMs * 2 ** Math.max(0, one.failures - 1), Math.max(pauseMs, mostPauseMs)), () => void look(url, one));
  }

  function begin(url: string, ask: Followed['ask']): void {
    if (followed.has(url)) return;
    const one: Followed = { ask, tracker: createEjectionTracker(), failures: 0 };
    followed.set(url, one);
    arm(url, one);
  }

  function end(url: string): void {
    followed.get(url)?.cancel?.();
    followed.delete(url);
  }

  return {
    follow(addresses) {
      const urls = new Set(addresses.map((address) => `http://${address}`));
      for (const url of admins) if (!urls.has(url)) end(url);
      admins.clear();
      for (const url of urls) {
        admins.add(url);
        begin(url, (known) => asked(url, known));
      }
    },
    opened({ id, group, agent, peer }) {
      const url = agent.startsWith('envoy') ? viewUrl(peer, viewPort) : undefined;
      if (url === undefined) return;
      const there = connected.get(url) ?? new Map<string, number>();
      connected.set(url, there.set(keyOf(group, id), (there.get(keyOf(group, id)) ?? 0) + 1));
      begin(url, () => viewed(url));
    },
    closed({ id, group, peer }) {
      const url = viewUrl(peer, viewPort) ?? '';
      const there = connected.get(url);
      const left = (there?.get(keyOf(group, id)) ?? 0) - 1;
      if (left > 0) there?.set(keyOf(group, id), left);
      else there?.delete(keyOf(group, id));
      if (there?.size !== 0) return;
      connected.delete(url);
      end(url);
    },
    out: () => [...followed.values()].flatMap(({ node, tracker }) => (node ? [{ ...node, endpoints: tracker.list(clock.steady()) }] : [])),
    stop() {
      for (const url of [...followed.keys()]) end(url);
    },
  };
}

function nodeIn(page: unknown): Pick<OutPage, 'node' | 'group'> {
  const { node } = page as { readonly node?: { readonly id?: string; readonly cluster?: string } };
  return { node: node?.id ?? '', group: node?.cluster ?? '' };
}

const keyOf = (group: string, id: string): string => JSON.stringify([group, id]);

/** @param peer address and port of a connection, as gRPC writes them: without brackets. */
function viewUrl(peer: string, port: number | undefined): string | undefined {
  const host = peer.slice(0, peer.lastIndexOf(':')).replace(/^::ffff:/, '');
  return port === undefined || host === '' ? undefined : `http://${formatAddress({ host, port })}`;
}
