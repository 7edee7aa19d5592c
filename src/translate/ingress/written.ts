import type { WrittenAt } from '../../ir/written-at.ts';
import { memoized, memoizedByBoth } from '../../memo/memoized.ts';
import type { IngressReading } from '../../nginx/ingress-reading.ts';

/** Annotations, and settings of the controller, that say what a field of a policy would say. Of several the first that is written is told. */
const saidBy: Readonly<Record<string, readonly string[]>> = {
  'retries.count': ['proxy-next-upstream-tries', 'proxy-next-upstream'],
  'retries.on': ['proxy-next-upstream', 'retry-non-idempotent'],
  'retries.onIdempotent': ['proxy-next-upstream', 'retry-non-idempotent'],
  'retries.statusCodes': ['proxy-next-upstream'],
  'timeouts.streamIdle': ['proxy-read-timeout', 'proxy-send-timeout', 'proxy-next-upstream-tries'],
  'split.stickyOn': ['affinity'],
  sessionAffinity: ['affinity'],
  'loadBalancer.type': ['upstream-hash-by', 'load-balance'],
  'loadBalancer.hashOn': ['upstream-hash-by'],
  'timeouts.connect': ['proxy-connect-timeout'],
  'timeouts.idle': ['upstream-keepalive-timeout'],
  protocol: ['backend-protocol'],
  'tls.hostname': ['proxy-ssl-name', 'proxy-ssl-server-name', 'backend-protocol'],
};

const names = [...new Set(Object.values(saidBy).flat())];

/**
 * Where an Ingress or its controller says what is in force of a route and of its backend. Undefined: nowhere.
 * The same function for the same reading, as routes are compared with those of the build before.
 */
export const annotationsWrittenAt = memoized((reading: IngressReading): WrittenAt | undefined => {
  if (names.every((name) => reading.writtenAt(name) === undefined)) return undefined;
  return (field) => saidBy[field]?.map((name) => reading.writtenAt(name)).find((origin) => origin !== undefined);
});

/** The same of a backend, where how its endpoints are chosen may be said by another Ingress with the same Service. */
export function wishesWrittenAt(reading: IngressReading, ofUpstream: IngressReading): WrittenAt | undefined {
  return reading === ofUpstream ? annotationsWrittenAt(reading) : writtenInTwo(reading, ofUpstream);
}

const writtenInTwo = memoizedByBoth((reading: IngressReading, ofUpstream: IngressReading): WrittenAt | undefined => {
  const [own, upstream] = [annotationsWrittenAt(reading), annotationsWrittenAt(ofUpstream)];
  return own || upstream ? (field) => (field.startsWith('loadBalancer.') ? upstream : own)?.(field) : undefined;
});
