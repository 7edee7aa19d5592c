/**
 * Numbers of fields by which an encoded route configuration is taken apart without being decoded.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto
 */
export const tableFields = { name: 1, virtualHosts: 2 } as const;

/** Those of a virtual host. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto */
export const hostFields = { name: 1, domains: 2, routes: 3 } as const;

/** Those of a route. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto */
export const routeFields = { match: 1, action: 2, name: 14 } as const;
