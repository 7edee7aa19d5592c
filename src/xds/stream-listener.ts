import type { StreamListener } from '../ir/gateway.ts';
import { type Message, typed } from '../proto/message.ts';
import { duration } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { streamAccessLogs } from './access-log.ts';
import { resource } from './encode.ts';
import { tcpProxy } from './tcp-proxy.ts';

type Listener = Message<'envoy.config.listener.v3.Listener'>;

/**
 * A port whose bytes go on as they come.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/udp_filters/udp_proxy
 */
export function streamListenerResource(stream: StreamListener): Resource {
  return resource('listeners', stream.name, stream.protocol === 'TCP' ? tcpListener(stream) : udpListener(stream), stream.origins);
}

function tcpListener({ name, address, port, cluster, readsProxyHeader, tries, idleMs, accessLog }: StreamListener): Listener {
  const header = {
    name: 'envoy.filters.listener.proxy_protocol',
    typed_config: typed('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {}),
  };
  return {
    name,
    stat_prefix: name,
    address: { socket_address: { address, port_value: port, ...(address === '::' && { ipv4_compat: true }) } },
    listener_filters: readsProxyHeader ? [header] : [],
    filter_chains: [{ name: 'default', filters: [tcpProxy({ name, cluster, tries, idleMs, ...(accessLog && { accessLog }) })] }],
  };
}

function udpListener({ name, address, port, cluster, idleMs, balancesDatagrams, accessLog }: StreamListener): Listener {
  const action = { name: 'route', typed_config: typed('envoy.extensions.filters.udp.udp_proxy.v3.Route', { cluster }) };
  const proxy = typed('envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
    stat_prefix: name,
    matcher: { on_no_match: { action } },
    idle_timeout: duration(idleMs),
    ...(balancesDatagrams && { use_per_packet_load_balancing: true }),
    access_log: streamAccessLogs(accessLog),
  });
  return {
    name,
    stat_prefix: name,
    address: { socket_address: { protocol: 'UDP', address, port_value: port, ...(address === '::' && { ipv4_compat: true }) } },
    udp_listener_config: {},
    listener_filters: [{ name: 'envoy.filters.udp_listener.udp_proxy', typed_config: proxy }],
  };
}
