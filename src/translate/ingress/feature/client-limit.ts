import type { ClientLimit } from '../../../ir/route.ts';
import { limits, type NginxLimits } from '../../../nginx/family/limits.ts';
import type { Feature } from './feature.ts';

/** How often a client may ask: what nginx calls a leaky bucket, the first request and the burst at once, then no faster than the limit. */
export const clientLimit: Feature = (routes, { ingress, reading }, { controller }) => {
  const written = reading.of(limits);
  if (!written) return routes;
  const limit = limitOf(`${ingress.namespace}/${ingress.name}`, written, controller.value('limit-req-status-code'));
  return routes.map((route) => (route.action.type === 'forward' ? { ...route, clientLimit: limit } : route));
};

function limitOf(name: string, { perSecond, perMinute, burstMultiplier, except }: NginxLimits, status: number): ClientLimit {
  const buckets = [
    { refill: perSecond, everyMs: 1000 },
    { refill: perMinute, everyMs: 60_000 },
  ].filter(({ refill }) => refill > 0);
  return { name, buckets: buckets.map((one) => ({ ...one, size: 1 + one.refill * burstMultiplier })), except, status };
}
