import type { Route } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';
import { switchedOff } from './switched.ts';

type Entry = Message<'envoy.config.route.v3.Route'>;

/** After which failures requests that may be sent twice are tried again besides, as nearly all routes say: a lost connection. */
const usual = 'reset';

/** Methods whose requests may be sent twice, as HTTP defines them but for TRACE. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const idempotent = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

const regex = idempotent.join('|');

/**
 * Lets requests that may be sent twice be tried again after a lost connection, which others are not. Envoy's retry policy knows no methods; but
 * the header `x-envoy-retry-on` adds to it, and this sets it for the methods that may. Envoy takes
 * the header away before the backend sees it; one that a client sends is taken away before it gets here.
 * Its place in the chain costs each request a thirtieth of what forwarding costs, so that it is not passed for nothing.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on
 */
export const idempotentRetries: Filter = {
  name: 'envoy.filters.http.match_delegate.idempotent_retries',
  chain: ({ direction }) => (direction === 'inbound' ? undefined : { config: forIdempotent(setRetryOn), disabled: false }),
  route: (route) => (route.action.type === 'forward' && failuresOf(route) !== usual ? switchedOff : undefined),
};

/**
 * An entry of a route, and before it one for requests that may be sent twice, where these are tried again after other failures than the usual.
 * Few routes say so: two entries for each would double the tables.
 */
export function withIdempotentEntry(route: Route, entry: Entry): Entry[] {
  const failures = failuresOf(route);
  if (failures === undefined || failures === usual) return [entry];
  const headers = entry.match?.headers ?? [];
  const method = headers.find(({ name }) => name === ':method')?.string_match?.exact;
  const retry_policy = { ...entry.route?.retry_policy, retry_on: [entry.route?.retry_policy?.retry_on, failures].filter(Boolean).join(',') };
  const triedAgain: Entry = { ...entry, route: { ...entry.route, retry_policy } };
  if (method !== undefined) return [idempotent.includes(method) ? triedAgain : entry];
  return [{ ...triedAgain, match: { ...entry.match, headers: [{ name: ':method', string_match: { safe_regex: { regex } } }, ...headers] } }, entry];
}

/** After which failures idempotent requests of a route are tried again besides, as Envoy writes them; undefined: none. Calls of gRPC are always POST, unless they come as HTTP with JSON. */
function failuresOf({ action, transcoder }: Route): string | undefined {
  if (action.type !== 'forward' || (action.grpc && !transcoder)) return undefined;
  const { retry } = action;
  return retry && retry.count > 0 && retry.onIdempotent.length > 0 ? retry.onIdempotent.join(',') : undefined;
}

const setRetryOn = typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: {
    request_mutations: [{ append: { header: { key: 'x-envoy-retry-on', value: usual }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } }],
  },
});

/** The filter, skipped for all methods but those that may be sent twice. */
function forIdempotent(filter: typeof setRetryOn) {
  const input = { name: 'method', typed_config: typed('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: ':method' }) };
  const isIdempotent = { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex } } } };
  const skip = { name: 'skip', typed_config: typed('envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {}) };
  return typed('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: { name: 'envoy.filters.http.header_mutation', typed_config: filter },
    xds_matcher: {
      matcher_list: { matchers: [{ predicate: { not_matcher: isIdempotent }, on_match: { action: skip } }] },
    },
  });
}
