import { healthListenerName } from '../launch/health-listener.ts';

/** What clients have open in an Envoy at one moment; its admin page and its health checks do not count. */
export interface OpenWork {
  readonly connections: number;
  /** Requests without a whole answer: streams of gRPC and WebSockets too, for as long as they are open. */
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
export const openWorkPath = `/stats?format=json&filter=${encodeURIComponent(`^http\\..+\\.(${Object.keys(counters).join('|')})$`)}`;

/**
 * Adds up the counters of all listeners.
 * @param answer of Envoy to `openWorkPath`.
 * @throws {Error} where it is something else.
 */
export function openWork(answer: unknown): OpenWork {
  const stats = (answer as { readonly stats?: unknown } | null)?.stats;
  if (!Array.isArray(stats)) throw new Error('the answer holds no statistics');
  const found = { connections: 0, requests: 0, requestsSoFar: 0 };
  for (const { name, value } of stats as readonly { readonly name?: unknown; readonly value?: unknown }[]) {
    const [, prefix, counter = ''] = /^http\.(.+)\.(\w+)$/.exec(String(name)) ?? [];
    if (prefix === 'admin' || prefix === healthListenerName || !Object.hasOwn(counters, counter)) continue;
    found[counters[counter as keyof typeof counters]] += Number(value);
  }
  return found;
}
