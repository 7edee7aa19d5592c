import { typed } from '../../proto/message.ts';
import { bool } from '../../proto/values.ts';
import { regexOf } from '../regex.ts';
import type { Filter } from './filter.ts';

/**
 * Answers preflight requests and adds the headers of cross-origin requests, where a route has `cors`.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
 */
export const cors: Filter = {
  name: 'envoy.filters.http.cors',
  chain: () => ({ config: typed('envoy.extensions.filters.http.cors.v3.Cors', {}), disabled: true }),
  route: ({ cors: policy }) =>
    policy &&
    typed('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
      allow_origin_string_match: policy.allowOrigins.map(originMatch),
      ...(policy.allowMethods.length > 0 && { allow_methods: policy.allowMethods.join(', ') }),
      ...(policy.allowHeaders.length > 0 && { allow_headers: policy.allowHeaders.join(', ') }),
      ...(policy.exposeHeaders.length > 0 && { expose_headers: policy.exposeHeaders.join(', ') }),
      ...(policy.maxAgeSeconds !== undefined && { max_age: String(policy.maxAgeSeconds) }),
      allow_credentials: bool(policy.allowCredentials),
    }),
};

/** `*` stands for one or more characters of a host and port, never for a `/`: an origin has none after its scheme. */
function originMatch(origin: string) {
  if (!origin.includes('*')) return { exact: origin };
  if (origin === '*') return { safe_regex: { regex: '.*' } };
  return { safe_regex: { regex: origin.split('*').map(regexOf).join('[^/]+') } };
}
