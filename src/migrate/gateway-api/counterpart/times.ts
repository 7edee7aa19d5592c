import { proxy } from '../../../nginx/family/proxy.ts';
import type { IngressReading } from '../../../nginx/ingress-reading.ts';
import { textOf } from '../../scene.ts';
import { writtenDuration } from '../duration.ts';
import type { Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** How long backends are waited for, and how often they are asked: a TrafficPolicy. */
export const times: Counterpart = {
  names: ['proxy-next-upstream', 'proxy-next-upstream-tries', 'proxy-read-timeout', 'proxy-send-timeout'],
  obstacle({ reading }) {
    const { nextUpstream = [] } = reading.of(proxy) ?? {};
    return nextUpstream.some((word) => !['error', 'timeout', 'off'].includes(word)) ? 'proxy-next-upstream has no counterpart' : undefined;
  },
  told({ ingress, reading }, scene) {
    const { readTimeoutMs = usualMs, sendTimeoutMs = usualMs } = reading.of(proxy) ?? {};
    if (textOf(scene, ingress, 'proxy-send-timeout') === undefined || sendTimeoutMs === readTimeoutMs) return [];
    return [`a backend that takes nothing of a body is given up after ${readTimeoutMs / 1000} seconds, as one that is silent`];
  },
};

/** As nginx waits and tries again, as far as a TrafficPolicy says it: Envoy has one clock for both directions. */
export function timesOf(reading: IngressReading): Written {
  const { readTimeoutMs = usualMs, tries = 3, nextUpstream = [] } = reading.of(proxy) ?? {};
  const count = nextUpstream.includes('off') ? 0 : Math.max(1, tries === 0 ? 10 : tries) - 1;
  return { retries: { count }, timeouts: { streamIdle: writtenDuration(readTimeoutMs / 1000) } };
}

/** Of nginx, in either direction. */
const usualMs = 60_000;
