import type { RouteTableMessage, VirtualHostMessage } from './messages.ts';

/** A virtual host and the one of its domains that fits. */
export interface FoundHost {
  readonly host: VirtualHostMessage;
  readonly domain: string;
}

/**
 * The virtual host for a Host header, as Envoy searches: the exact name, then the longest `*.suffix`, then the longest
 * `prefix.*`, then `*`. A `*` stands for at least one character.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
export function virtualHostFor(table: RouteTableMessage, host: string): FoundHost | undefined {
  const name = comparedHost(table, host);
  let best: (FoundHost & { readonly rank: number }) | undefined;
  for (const candidate of table.virtual_hosts ?? []) {
    for (const domain of candidate.domains ?? []) {
      const rank = rankOf(domain.toLowerCase(), name);
      if (rank > (best?.rank ?? 0)) best = { host: candidate, domain, rank };
    }
  }
  return best;
}

/** The host as it is compared: in lower case, without its port where the table says so. */
function comparedHost(table: RouteTableMessage, host: string): string {
  const name = host.toLowerCase();
  return table.ignore_port_in_host_matching ? name.replace(/:\d*$/, '') : name;
}

/** 0: does not fit; else the more, the sooner Envoy takes it. */
function rankOf(domain: string, host: string): number {
  if (domain === host) return 4e6;
  if (domain === '*') return 1;
  if (domain.startsWith('*')) return host.length >= domain.length && host.endsWith(domain.slice(1)) ? 2e6 + domain.length : 0;
  if (domain.endsWith('*')) return host.length >= domain.length && host.startsWith(domain.slice(0, -1)) ? 1e6 + domain.length : 0;
  return 0;
}
