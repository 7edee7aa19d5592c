import type { HashInput } from '../ir/backend.ts';
import type { Message } from '../proto/message.ts';
import { duration } from '../proto/values.ts';

/** One input of a hash. */
export type HashPolicy = NonNullable<Message<'envoy.config.route.v3.RouteAction'>['hash_policy']>[number];

/**
 * What of a request is hashed. A terminal one that a request has ends the list.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
 */
export function hashPolicy(input: HashInput): HashPolicy {
  const terminal = input.goesOn !== true;
  switch (input.type) {
    case 'header':
      return { header: { header_name: input.name }, terminal };
    case 'cookie':
      return { cookie: { name: input.name, path: '/', ...(input.ttlMs !== undefined && { ttl: duration(input.ttlMs) }) }, terminal };
    case 'query':
      return { query_parameter: { name: input.name }, terminal };
    case 'clientAddress':
      return { connection_properties: { source_ip: true }, terminal };
  }
}
