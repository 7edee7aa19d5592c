import type { FilterChainMessage, ListenerMessage } from './messages.ts';

/**
 * The filter chain of a connection. Envoy takes the most special server name first (exact, then `*.` with most labels, then
 * none) and does not come back when the transport does not fit there.
 * @param serverName that TLS asks for; undefined for plain text.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
 */
export function filterChainFor(listener: ListenerMessage, serverName: string | undefined): FilterChainMessage | undefined {
  const chains = listener.filter_chains ?? [];
  const wanted = serverName === undefined ? [] : [serverName, ...suffixesOf(serverName)];
  const transport = serverName === undefined ? 'raw_buffer' : 'tls';
  const name = wanted.find((each) => chains.some((chain) => chain.filter_chain_match?.server_names?.includes(each)));
  return chains
    .filter(({ filter_chain_match: match }) => (name === undefined ? !match?.server_names?.length : match?.server_names?.includes(name)))
    .find(({ filter_chain_match: match }) => !match?.transport_protocol || match.transport_protocol === transport);
}

/** `*.b.c`, `*.c` for `a.b.c`. */
function suffixesOf(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
}
