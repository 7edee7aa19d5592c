import type { Retry, Route } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/** Where a route says after which failures requests are tried again that may be sent twice. */
const metadata = { name: 'sluice', key: 'retry-on-idempotent' } as const;

/** RE2 of the methods whose requests may be sent twice, as HTTP defines them but for TRACE. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const idempotent = 'GET|HEAD|OPTIONS|PUT|DELETE';

/**
 * Lets requests that may be sent twice be tried again after more failures than others. Envoy's retry policy knows no methods; but
 * the header `x-envoy-retry-on` adds to it, and this sets it, from what the route says, for the methods that may. Envoy takes
 * the header away before the backend sees it; one that a client sends is taken away before it gets here.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export const idempotentRetries: Filter = {
  name: 'envoy.filters.http.match_delegate.idempotent_retries',
  chain: ({ direction }) => (direction === 'inbound' ? undefined : { config: forIdempotent(setRetryOn), disabled: false }),
  route: (route) => (route.action.type === 'forward' && route.action.retry && !retryOf(route) ? switchedOff : undefined),
};

/** Its place in the chain costs each request a fiftieth of what forwarding costs, so that it is not passed for nothing. */
const switchedOff = typed('envoy.config.route.v3.FilterConfig', { disabled: true });

/** The retries of a route that may have requests for the filter; undefined: it has none. Calls of gRPC are always POST, unless they come as HTTP with JSON. */
function retryOf({ action, transcoder }: Route): Retry | undefined {
  if (action.type !== 'forward' || (action.grpc && !transcoder)) return undefined;
  return action.retry && action.retry.count > 0 && action.retry.onIdempotent.length > 0 ? action.retry : undefined;
}

/** What a route carries for the filter; empty where such requests are tried again like all others. */
export function idempotentRetryMetadata(route: Route): NonNullable<Message<'envoy.config.core.v3.Metadata'>['filter_metadata']> {
  const retry = retryOf(route);
  return retry ? { [metadata.name]: { fields: { [metadata.key]: { stringValue: retry.onIdempotent.join(',') } } } } : {};
}

const setRetryOn = typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: {
    request_mutations: [
      {
        append: {
          header: { key: 'x-envoy-retry-on', value: `%METADATA(ROUTE:${metadata.name}:${metadata.key})%` },
          append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
        },
      },
    ],
  },
});

/** The filter, skipped for all methods but those that may be sent twice. */
function forIdempotent(filter: typeof setRetryOn) {
  const input = { name: 'method', typed_config: typed('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: ':method' }) };
  const isIdempotent = { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex: idempotent } } } };
  const skip = { name: 'skip', typed_config: typed('envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {}) };
  return typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: { name: 'envoy.filters.http.header_mutation', typed_config: filter },
    xds_matcher: { matcher_list: { matchers: [{ predicate: { not_matcher: isIdempotent }, on_match: { action: skip } }] } },
  });
}
