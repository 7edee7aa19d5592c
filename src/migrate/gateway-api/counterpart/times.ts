import { proxy } from '../../../nginx/family/proxy.ts';
import type { IngressReading } from '../../../nginx/ingress-reading.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** How long backends are waited for, and how often they are asked: a TrafficPolicy. */
export const times: Counterpart = {
  names: ['proxy-next-upstream', 'proxy-next-upstream-tries', 'proxy-read-timeout'],
  obstacle({ reading }) {
    const { nextUpstream = [] } = reading.of(proxy) ?? {};
    return nextUpstream.some((word) => !['error', 'timeout', 'off'].includes(word)) ? 'proxy-next-upstream has no counterpart' : undefined;
  },
};

/** As nginx waits and tries again, as far as a TrafficPolicy says it. */
export function timesOf(reading: IngressReading): Written {
  const { readTimeoutMs = 60_000, tries = 3, nextUpstream = [] } = reading.of(proxy) ?? {};
  const count = nextUpstream.includes('off') ? 0 : Math.max(1, tries === 0 ? 10 : tries) - 1;
  return { retries: { count }, timeouts: { streamIdle: `${readTimeoutMs / 1000}s` } };
}
