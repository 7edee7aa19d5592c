import type { HashInput } from '../ir/backend.ts';
import type { Message } from '../proto/message.ts';
import { duration } from '../proto/values.ts';

/** One input of a hash. */
export type HashPolicy = NonNullable<Message<'envoy.config.route.v3.RouteAction'>['hash_policy']>[number];

/**
 * What of a request is hashed. Each is terminal: the first input that a request has decides alone.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
 */
export function hashPolicy(input: HashInput): HashPolicy {
  switch (input.type) {
    case 'header':
      return { header: { header_name: input.name }, terminal: true };
    case 'cookie':
      return { cookie: { name: input.name, path: '/', ...(input.ttlMs !== undefined && { ttl: duration(input.ttlMs) }) }, terminal: true };
    case 'query':
      return { query_parameter: { name: input.name }, terminal: true };
    case 'clientAddress':
      return { connection_properties: { source_ip: true }, terminal: true };
  }
}
