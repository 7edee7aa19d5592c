import type { StreamListener } from '../ir/gateway.ts';
import { type Message, typed } from '../proto/message.ts';
import { duration, uint32 } from '../proto/values.ts';
import type { Resource } from '../resource.ts';
import { resource } from './encode.ts';

type Listener = Message<'envoy.config.listener.v3.Listener'>;

/**
 * A port whose bytes go on as they come.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/listeners/tcp_proxy
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/udp_filters/udp_proxy
 */
export function streamListenerResource(stream: StreamListener): Resource {
  return resource('listeners', stream.name, stream.protocol === 'TCP' ? tcpListener(stream) : udpListener(stream), stream.origins);
}

function tcpListener({ name, address, port, cluster, readsProxyHeader, tries, idleMs }: StreamListener): Listener {
  const header = {
    name: 'envoy.filters.listener.proxy_protocol',
    typed_config: typed('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol', {}),
  };
  const proxy = typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: name,
    cluster,
    idle_timeout: duration(idleMs),
    max_connect_attempts: uint32(tries),
  });
  return {
    name,
    stat_prefix: name,
    address: { socket_address: { address, port_value: port, ...(address === '::' && { ipv4_compat: true }) } },
    listener_filters: readsProxyHeader ? [header] : [],
    filter_chains: [{ name: 'default', filters: [{ name: 'envoy.filters.network.tcp_proxy', typed_config: proxy }] }],
  };
}

function udpListener({ name, address, port, cluster, idleMs }: StreamListener): Listener {
  const action = { name: 'route', typed_config: typed('envoy.extensions.filters.udp.udp_proxy.v3.Route', { cluster }) };
  const proxy = typed('envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
    stat_prefix: name,
    matcher: { on_no_match: { action } },
    idle_timeout: duration(idleMs),
  });
  return {
    name,
    stat_prefix: name,
    address: { socket_address: { protocol: 'UDP', address, port_value: port, ...(address === '::' && { ipv4_compat: true }) } },
    udp_listener_config: {},
    listener_filters: [{ name: 'envoy.filters.udp_listener.udp_proxy', typed_config: proxy }],
  };
}
