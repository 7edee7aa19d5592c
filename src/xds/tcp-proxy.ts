import type { StreamListener } from '../ir/gateway.ts';
import { typed } from '../proto/message.ts';
import { duration, uint32 } from '../proto/values.ts';
import { streamAccessLogs } from './access-log.ts';

/**
 * The filter that sends the bytes of a connection to a backend as they come.
 * @param name for its statistics.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/listeners/tcp_proxy
 */
export function tcpProxy({ name, cluster, tries, idleMs, accessLog }: Pick<StreamListener, 'name' | 'cluster' | 'tries' | 'idleMs' | 'accessLog'>) {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
      stat_prefix: name,
      cluster,
      idle_timeout: duration(idleMs),
      max_connect_attempts: uint32(tries),
      access_log: streamAccessLogs(accessLog),
    }),
  };
}
