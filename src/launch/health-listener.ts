import type { HostPort } from '../address.ts';
import type { Json } from '../proto/codec.ts';
import { any } from './any.ts';

/** Name of the listener that answers health checks, and what its statistics begin with. */
export const healthListenerName = 'sluice-health';

const directAnswer = (path: string, status: number): Json => ({ match: { path }, direct_response: { status } });

/**
 * A listener of its own that tells load balancers and probes how this Envoy is, so that no path of the user's is taken:
 * - `/ready`: 200 while it shall get requests, 503 from the first moment of a drain on. It does not listen before Envoy has had
 *   its first configuration, nor when a drain refuses new connections.
 * - `/live`: 200 for as long as it listens.
 *
 * It is there whatever listeners Sluice sends, answers where the limit of connections is reached, and keeps nobody's connection
 * for long.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking#http-health-checking-filter
 */
export function healthListener({ host, port }: HostPort): Json {
  return {
    name: healthListenerName,
    stat_prefix: healthListenerName,
    address: { socket_address: { address: host, port_value: port, ...(host === '::' && { ipv4_compat: true }) } },
    // A gateway that is full is no reason to send its clients to the others, until all are.
    ignore_global_conn_limit: true,
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
              stat_prefix: healthListenerName,
              common_http_protocol_options: { idle_timeout: '60s' },
              route_config: {
                name: healthListenerName,
                virtual_hosts: [
                  { name: 'health', domains: ['*'], routes: [directAnswer('/live', 200), { match: { prefix: '/' }, direct_response: { status: 404 } }] },
                ],
              },
              http_filters: [
                {
                  name: 'envoy.filters.http.health_check',
                  typed_config: any('envoy.extensions.filters.http.health_check.v3.HealthCheck', {
                    pass_through_mode: false,
                    headers: [{ name: ':path', string_match: { exact: '/ready' } }],
                  }),
                },
                { name: 'envoy.filters.http.router', typed_config: any('envoy.extensions.filters.http.router.v3.Router', {}) },
              ],
            }),
          },
        ],
      },
    ],
  };
}
