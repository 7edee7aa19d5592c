import { cidrList } from '../cidr.ts';
import type { AnnotationReader, Family } from '../family.ts';
import { int } from '../form.ts';

const annotations = {
  limitRate: {
    name: 'limit-rate',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'Bytes per second of one answer. Not done: Envoy has no such limit for one answer; and ingress-nginx does it only where `proxy-buffering` is on.',
    difference: {
      example: 'GET / whose answer is large',
      nginx: 'Sends the answer at so many bytes a second.',
      sluice: 'Sends it as fast as the client takes it.',
      remedy: 'Let the backend slow down what it sends, or a proxy in front of Envoy.',
    },
  },
  limitRateAfter: {
    name: 'limit-rate-after',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'Bytes after which `limit-rate` begins. Not done, as `limit-rate`.',
    difference: {
      example: 'GET / whose answer is large',
      nginx: 'Slows the answer after so many bytes.',
      sluice: 'Sends it as fast as the client takes it.',
      remedy: 'As `limit-rate`.',
    },
  },
  limitRpm: {
    name: 'limit-rpm',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Requests a minute from one client address to all paths of the Ingress; more are answered with 503, or what `limit-req-status-code` says.',
    difference: {
      example: 'GET / by one client, over HTTP and over HTTPS or on two host names of the Ingress',
      nginx: 'Counts the requests of both together.',
      sluice: 'Counts each host name by itself, HTTP and HTTPS too, and begins anew when a route of the port changes.',
      remedy: 'None is needed against floods; for quotas use a service that counts.',
    },
  },
  limitRps: {
    name: 'limit-rps',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: int,
    doc: 'Requests a second from one client address to all paths of the Ingress; more are answered with 503, or what `limit-req-status-code` says.',
    difference: {
      example: 'GET / by one client, over HTTP and over HTTPS or on two host names of the Ingress',
      nginx: 'Counts the requests of both together.',
      sluice: 'Counts each host name by itself, HTTP and HTTPS too, and begins anew when a route of the port changes.',
      remedy: 'None is needed against floods; for quotas use a service that counts.',
    },
  },
  limitConnections: {
    name: 'limit-connections',
    scope: 'location',
    risk: 'Low',
    verdict: 'report',
    form: int,
    doc: 'Connections of one client at a time. Not done: Envoy counts no connections by client address.',
    difference: {
      example: 'GET / by one client on more connections at once than the limit',
      nginx: 'Answers those above it with 503.',
      sluice: 'Serves them.',
      remedy: 'Use `limit-rps`, or a limit of connections in front of Envoy.',
    },
  },
  limitBurstMultiplier: {
    name: 'limit-burst-multiplier',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'How many times the limit may come at once, besides the first request; 5 if nothing is said.',
  },
  limitAllowlist: {
    name: 'limit-allowlist',
    aliases: ['limit-whitelist'],
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: cidrList,
    doc: 'Addresses and networks of clients that the limits do not hold for.',
  },
} as const satisfies Family['annotations'];

/** How often one client may ask. */
export interface NginxLimits {
  /** 0: no limit. */
  readonly perSecond: number;
  /** 0: no limit. */
  readonly perMinute: number;
  readonly burstMultiplier: number;
  /** Networks that the limits do not hold for. */
  readonly except: readonly string[];
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#rate-limiting */
export const limits: Family<NginxLimits> = {
  name: 'limits',
  annotations,
  read(reader) {
    for (const annotation of [annotations.limitRpm, annotations.limitRps, annotations.limitConnections, annotations.limitAllowlist]) {
      const found = reader.find<unknown>(annotation);
      if (found.type === 'refused' || (found.type === 'unreadable' && annotation === annotations.limitAllowlist))
        return { type: 'dropped', mistake: found.mistake };
    }
    reportWhatIsNotDone(reader);
    const perSecond = Math.max(0, reader.value(annotations.limitRps) ?? 0);
    const perMinute = Math.max(0, reader.value(annotations.limitRpm) ?? 0);
    if (perSecond === 0 && perMinute === 0) return { type: 'nothing' };
    const burstMultiplier = Math.max(0, reader.value(annotations.limitBurstMultiplier) ?? 5);
    return { type: 'config', config: { perSecond, perMinute, burstMultiplier, except: reader.value(annotations.limitAllowlist) ?? [] } };
  },
};

function reportWhatIsNotDone(reader: AnnotationReader): void {
  const { limitConnections, limitRate } = annotations;
  if (reader.value(limitConnections)) reader.unsupported({ annotation: limitConnections.name, message: 'Envoy counts no connections by client address' });
  if (reader.value(limitRate)) reader.unsupported({ annotation: limitRate.name, message: 'Envoy does not limit the bytes of one answer' });
}
