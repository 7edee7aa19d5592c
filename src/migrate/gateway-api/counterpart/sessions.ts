import { tokenName } from '../../../kind/gateway/names.ts';
import { affinity } from '../../../nginx/family/affinity.ts';
import { canaryBehavior } from '../../../nginx/family/canary-behavior.ts';
import type { Location } from '../../../translate/ingress/location.ts';
import { upstreamOf } from '../../../translate/ingress/upstreams.ts';
import { writtenDuration } from '../duration.ts';
import type { Host, Written } from '../host.ts';
import type { Counterpart } from './counterpart.ts';

/** Requests of a session stay with one endpoint: a TrafficPolicy. */
export const sessions: Counterpart = {
  names: [
    'affinity',
    'affinity-canary-behavior',
    'affinity-mode',
    'session-cookie-change-on-failure',
    'session-cookie-conditional-samesite-none',
    'session-cookie-domain',
    'session-cookie-expires',
    'session-cookie-max-age',
    'session-cookie-name',
    'session-cookie-path',
    'session-cookie-samesite',
    'session-cookie-secure',
  ],
  obstacle({ reading }) {
    const config = reading.of(affinity);
    if (!config) return undefined;
    if (!tokenName.safeParse(config.cookie).success) return 'session-cookie-name is no name that a TrafficPolicy takes';
    if (config.domain !== undefined) return 'session-cookie-domain has no counterpart';
    if (config.isAlwaysSecure) return 'session-cookie-secure has no counterpart';
    if (config.sameSite !== undefined && config.sameSite !== 'Lax') return `session-cookie-samesite: ${config.sameSite} has no counterpart`;
    return [config.maxAgeSeconds, config.expiresSeconds].some((seconds) => seconds !== undefined && seconds <= 0)
      ? 'a session cookie that has ended when it comes has no counterpart'
      : undefined;
  },
  told({ reading }) {
    const config = reading.of(affinity);
    if (!config) return [];
    return [`the cookie ${config.cookie} is for all paths of the host name and SameSite=Lax, and has Max-Age without Expires`];
  },
};

/** Why the sessions of a host name cannot be said. Undefined: they can. The cookies of its paths, which a policy makes for `/`, would replace each other. */
export function sessionsObstacle({ server }: Host): string | undefined {
  const services = new Map<string, string | undefined>();
  for (const location of server.locations) {
    const cookie = location.reading.of(affinity)?.cookie;
    if (cookie === undefined) continue;
    const service = upstreamOf(location);
    if (services.has(cookie) && services.get(cookie) !== service) return `the sessions of several Services of ${server.host} have the cookie ${cookie}`;
    services.set(cookie, service);
  }
  return undefined;
}

/** What a TrafficPolicy says of the sessions of a location. */
export function sessionsOf(location: Location, { canaryOf }: Host): Written {
  const config = location.reading.of(affinity);
  if (!config) return {};
  const { cookie: name, expiresSeconds, maxAgeSeconds = expiresSeconds } = config;
  const canary = canaryOf(location);
  const staysOnSide = canary && canary.reading.of(canaryBehavior) !== 'legacy';
  return {
    ...(staysOnSide && { split: { stickyOn: { cookie: { name: `${name}-side` } } } }),
    sessionAffinity: { cookie: { name, ...(maxAgeSeconds !== undefined && { ttl: writtenDuration(maxAgeSeconds) }) } },
  };
}
