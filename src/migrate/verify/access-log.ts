import type { Location, Server } from '../../translate/ingress/location.ts';
import { type Probe, withoutRepeats } from './probe.ts';

/** What a line of an access log says of a request. */
interface Logged {
  readonly method: string;
  readonly path: string;
  readonly host?: string | undefined;
  /** `NAMESPACE-SERVICE-PORT`, as ingress-nginx names Services. */
  readonly upstream?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Requests of a log, and how many lines gave none. */
export interface LogProbes {
  readonly probes: readonly Probe[];
  /** In no form that is known. */
  readonly unread: number;
  /** Without a host name, and of no Service of the Ingresses. */
  readonly homeless: number;
}

/**
 * The requests of an access log, each once: the `upstreaminfo` form of ingress-nginx, JSON, Envoy's own form and Sluice's.
 * ingress-nginx does not write the host name: then it is that of the Ingress whose Service answered.
 * @param fallback host name of lines that tell none otherwise.
 */
export function logProbes(lines: readonly string[], servers: readonly Server[], fallback: string | undefined): LogProbes {
  const probes: Probe[] = [];
  let unread = 0;
  let homeless = 0;
  const locations = servers.flatMap((server) => server.locations.map((location) => ({ server, location })));
  const byUpstream = Map.groupBy(locations, ({ location }) => upstreamOf(location));
  for (const line of lines) {
    if (line.trim() === '') continue;
    const logged = readLine(line);
    if (!logged || !/^\/[!-~]*$/.test(logged.path)) {
      unread += 1;
      continue;
    }
    const { method, path, userAgent } = logged;
    const of = (byUpstream.get(logged.upstream ?? '') ?? []).filter(({ server: { host }, location }) => host !== '*' && takes(location, path));
    const host = logged.host?.replace(/:\d+$/, '') ?? of[0]?.server.host.replace(/^\*\./, 'verify.') ?? fallback;
    if (host === undefined) {
      homeless += 1;
      continue;
    }
    const location = of[0]?.location ?? servers.find((server) => server.host === host)?.locations.find((one) => takes(one, path));
    const headers: Record<string, string> = userAgent ? { 'user-agent': userAgent } : {};
    probes.push({ host, method, path, headers, about: 'the access log', isSplit: false, ...(location ? { ingress: location.ingress } : {}) });
  }
  return { probes: withoutRepeats(probes), unread, homeless };
}

function upstreamOf({ ingress, backend: { service } }: Location): string {
  return `${ingress.namespace}-${service?.name}-${service?.port?.name ?? service?.port?.number}`;
}

/** Near enough to find the host name of a request that the Service answered. */
function takes({ path }: Location, asked: string): boolean {
  const fixed = path.replace(/[\\^$.*+?()[\]{}|].*$/s, '');
  return asked.toLowerCase().startsWith(fixed.toLowerCase());
}

const envoy = /^\[[^\]]+\] "([A-Z]+) (\S+) [^"]*" \d+ .*"[^"]*" "([^"]*)" "[^"]*" "([^"]*)" "[^"]*"/;
const nginx = /"([A-Z]+) (\S+) HTTP\/[\d.]+" \d{3} \d+ "[^"]*" "([^"]*)"(?: \S+ \S+ \[([^\]]*)\])?/;

function readLine(line: string): Logged | undefined {
  if (line.startsWith('{')) return fromFields(jsonOf(line));
  if (/(^| )method=[A-Z]/.test(line)) return fromFields(Object.fromEntries(pairs(line)));
  const ofEnvoy = envoy.exec(line);
  if (ofEnvoy) return { method: ofEnvoy[1] ?? '', path: ofEnvoy[2] ?? '', userAgent: said(ofEnvoy[3]), host: said(ofEnvoy[4]) };
  const ofNginx = nginx.exec(line);
  return ofNginx ? { method: ofNginx[1] ?? '', path: ofNginx[2] ?? '', userAgent: said(ofNginx[3]), upstream: said(ofNginx[4]) } : undefined;
}

function fromFields(fields: Readonly<Record<string, unknown>>): Logged | undefined {
  const text = (...names: readonly string[]): string | undefined => {
    const value = names.map((name) => fields[name]).find((one) => typeof one === 'string');
    return said(value as string | undefined);
  };
  const [, method = text('method', 'request_method'), path = text('path', 'request_uri', 'uri')] = /^([A-Z]+) (\S+)/.exec(text('request') ?? '') ?? [];
  if (method === undefined || path === undefined) return undefined;
  return {
    method,
    path,
    host: text('host', 'authority', 'vhost', 'http_host', 'server_name'),
    upstream: text('proxy_upstream_name', 'upstream_name'),
    userAgent: text('user_agent', 'http_user_agent'),
  };
}

function jsonOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // A line that was cut: it counts as unread.
    return {};
  }
}

function* pairs(line: string): Iterable<[string, string]> {
  for (const [, name = '', quoted, bare = ''] of line.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g)) yield [name, quoted ?? bare];
}

function said(text: string | undefined): string | undefined {
  return text === '' || text === '-' ? undefined : text;
}
