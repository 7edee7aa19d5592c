import type { DialName } from '../../ir/gateway.ts';
import { typed } from '../../proto/message.ts';
import { duration } from '../../proto/values.ts';
import type { Resource } from '../../resource.ts';
import { overAds } from '../config-source.ts';
import { resource } from '../encode.ts';
import { router } from '../filter/router.ts';

/**
 * A name that gRPC clients dial. They refuse a filter that they do not know, so that the router stands alone; time-outs stay
 * those of the caller's deadline.
 * @see https://github.com/grpc/proposal/blob/master/A39-xds-http-filters.md
 */
export function grpcListenerResource({ name, routeConfiguration, origins }: DialName): Resource {
  const manager = typed('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    // Both without meaning for gRPC: the API wants a prefix, and whoever reads it as an Envoy does would find five minutes of silence.
    stat_prefix: name,
    stream_idle_timeout: duration(0),
    rds: { route_config_name: routeConfiguration, config_source: overAds },
    http_filters: [{ name: router.name, typed_config: typed('envoy.extensions.filters.http.router.v3.Router', {}) }],
  });
  return resource('listeners', name, { name, api_listener: { api_listener: manager } }, origins);
}
