import type { Listener } from '../../ir/gateway.ts';
import type { Route } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';
import { switchedOff, switchedOn } from './switched.ts';

/** Where a route says after which failures requests are tried again that may be sent twice, if these are not the usual ones. */
const metadata = { name: 'sluice', key: 'retry-on-idempotent' } as const;

/** What nearly all routes say: a lost connection. */
const usual = 'reset';

/** RE2 of the methods whose requests may be sent twice, as HTTP defines them but for TRACE. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const idempotent = 'GET|HEAD|OPTIONS|PUT|DELETE';

/**
 * Lets requests that may be sent twice be tried again after a lost connection, which others are not. Envoy's retry policy knows no methods; but
 * the header `x-envoy-retry-on` adds to it, and this sets it for the methods that may. Envoy takes
 * the header away before the backend sees it; one that a client sends is taken away before it gets here.
 * Its place in the chain costs each request a fiftieth of what forwarding costs, so that it is not passed for nothing.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export const idempotentRetries: Filter = {
  name: 'envoy.filters.http.match_delegate.idempotent_retries',
  chain: (listener) => placeOf(listener, usual, false),
  route: (route) => (route.action.type === 'forward' && failuresOf(route) !== usual ? switchedOff : undefined),
};

/** The same for the few routes that name other failures: they switch it on in place of the one above, and say which in their metadata. */
export const idempotentRetriesOfRoute: Filter = {
  name: 'envoy.filters.http.match_delegate.idempotent_retries_of_route',
  chain: (listener) => placeOf(listener, `%METADATA(ROUTE:${metadata.name}:${metadata.key})%`, true),
  route: (route) => (unusualFailuresOf(route) === undefined ? undefined : switchedOn),
};

/** What a route carries for the filter; empty where the usual holds, or where such requests are tried again like all others. */
export function idempotentRetryMetadata(route: Route): NonNullable<Message<'envoy.config.core.v3.Metadata'>['filter_metadata']> {
  const failures = unusualFailuresOf(route);
  return failures === undefined ? {} : { [metadata.name]: { fields: { [metadata.key]: { stringValue: failures } } } };
}

function unusualFailuresOf(route: Route): string | undefined {
  const failures = failuresOf(route);
  return failures === usual ? undefined : failures;
}

/** After which failures idempotent requests of a route are tried again besides, as Envoy writes them; undefined: none. Calls of gRPC are always POST, unless they come as HTTP with JSON. */
function failuresOf({ action, transcoder }: Route): string | undefined {
  if (action.type !== 'forward' || (action.grpc && !transcoder)) return undefined;
  const { retry } = action;
  return retry && retry.count > 0 && retry.onIdempotent.length > 0 ? retry.onIdempotent.join(',') : undefined;
}

/** @param failures as a format of Envoy. */
function placeOf({ direction }: Listener, failures: string, disabled: boolean) {
  return direction === 'inbound' ? undefined : { config: forIdempotent(setRetryOn(failures)), disabled };
}

function setRetryOn(failures: string) {
  return typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: {
      request_mutations: [{ append: { header: { key: 'x-envoy-retry-on', value: failures }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } }],
    },
  });
}

/** The filter, skipped for all methods but those that may be sent twice. */
function forIdempotent(filter: ReturnType<typeof setRetryOn>) {
  const input = { name: 'method', typed_config: typed('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: ':method' }) };
  const isIdempotent = { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex: idempotent } } } };
  const skip = { name: 'skip', typed_config: typed('envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {}) };
  return typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: { name: 'envoy.filters.http.header_mutation', typed_config: filter },
    xds_matcher: { matcher_list: { matchers: [{ predicate: { not_matcher: isIdempotent }, on_match: { action: skip } }] } },
  });
}
