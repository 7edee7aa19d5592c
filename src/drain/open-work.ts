import { healthListenerName } from '../launch/health-listener.ts';

/** What clients have open in an Envoy at one moment; its admin page and its health checks do not count. */
export interface OpenWork {
  readonly connections: number;
  /** Requests without a whole answer: streams of gRPC, WebSockets, and connections whose bytes go on as they come too, for as long as they are open. */
  readonly requests: number;
  /** How many requests came since Envoy started. */
  readonly requestsSoFar: number;
}

const counters = {
  downstream_cx_active: 'connections',
  downstream_rq_active: 'requests',
  downstream_rq_total: 'requestsSoFar',
} as const satisfies Record<string, keyof OpenWork>;

/** What to ask the admin page of Envoy for, so that `openWork` finds what it needs and little else comes. */
export const openWorkPath = `/stats?format=json&filter=${encodeURIComponent(`^(http|listener)\\..+\\.(${Object.keys(counters).join('|')})$`)}`;

/**
 * Adds up the counters of all listeners. What forwards TCP and TLS as they come counts no open connections: these are what listeners have besides
 * those that speak HTTP. Nobody can tell whether such a connection rests, so that it counts as a request.
 * @param answer of Envoy to `openWorkPath`.
 * @throws {Error} where it is something else.
 */
export function openWork(answer: unknown): OpenWork {
  const stats = (answer as { readonly stats?: unknown } | null)?.stats;
  if (!Array.isArray(stats)) throw new Error('the answer holds no statistics');
  const found = { connections: 0, requests: 0, requestsSoFar: 0 };
  let accepted = 0;
  for (const { name, value } of stats as readonly { readonly name?: unknown; readonly value?: unknown }[]) {
    const [, of, prefix = '', counter = ''] = /^(http|listener)\.(.+)\.(\w+)$/.exec(String(name)) ?? [];
    if (prefix === 'admin' || prefix === healthListenerName || !Object.hasOwn(counters, counter)) continue;
    // Those of each thread are in the sum of their listener.
    if (of === 'listener') accepted += /\.(worker_\d+|main_thread)$/.test(prefix) ? 0 : Number(value);
    else found[counters[counter as keyof typeof counters]] += Number(value);
  }
  const streams = Math.max(0, accepted - found.connections);
  return { ...found, connections: found.connections + streams, requests: found.requests + streams };
}
