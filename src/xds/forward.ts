import { unresolvedCluster } from '../ir/names.ts';
import type { ForwardAction, ForwardedHeaders, Mirror, PathMatch, Retry, RouteTimeouts, WeightedBackend } from '../ir/route.ts';
import { type Message, typed } from '../proto/message.ts';
import { atMostUint32, bool, duration, uint32 } from '../proto/values.ts';
import { mainShareMetadata } from '../resource.ts';
import { hashPolicy } from './hash-policy.ts';
import { headerFields } from './header-changes.ts';
import { pathRewrite } from './path-rewrite.ts';
import { splitPlaces } from './split-places.ts';

/** How often Envoy draws again when the balancer offers an endpoint that a retry has failed on already. */
const hostSelectionAttempts = 5;

/**
 * Where requests go and how.
 * A share whose reference cannot be resolved goes to a cluster that never exists, which Envoy answers with 500 here, and gRPC
 * with UNAVAILABLE, as Gateway API asks: `cluster_not_found_response_code`.
 * @param forwarded what tells backends already which name the client used.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
 */
export function forwardAction(match: PathMatch, action: ForwardAction, forwarded?: ForwardedHeaders): Message<'envoy.config.route.v3.RouteAction'> {
  const { rewrite } = action;
  const hostChanges = rewrite?.host !== undefined || action.backends.some((backend) => backend.hostRewrite !== undefined);
  return {
    ...clusters(action),
    cluster_not_found_response_code: action.grpc ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR',
    ...(rewrite?.host === undefined ? forwarded?.believesHost && { host_rewrite_header: 'x-forwarded-host' } : { host_rewrite_literal: rewrite.host }),
    // The backend may still need the name that the client used.
    ...(hostChanges && !forwarded && { append_x_forwarded_host: true }),
    ...(rewrite?.path && pathRewrite(match, rewrite.path)),
    ...(action.mirrors.length > 0 && { request_mirror_policies: action.mirrors.map(mirrorPolicy) }),
    ...(action.grpc ? deadline(action.timeouts) : { timeout: duration(action.timeouts.requestMs) }),
    ...(action.timeouts.streamIdleMs !== undefined && { idle_timeout: duration(action.timeouts.streamIdleMs) }),
    ...retryPolicy(action.retry, action.timeouts),
  };
}

/**
 * Calls end at the deadline that the caller says by `grpc-timeout`, at the latest after the time of the route, with
 * DEADLINE_EXCEEDED; backends are told the shorter of both. Envoy's `timeout` would end them with UNAVAILABLE, which callers try again.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-maxstreamduration
 */
function deadline({ requestMs }: RouteTimeouts): Message<'envoy.config.route.v3.RouteAction'> {
  // As the longest deadline 0 means that any is as good.
  const longest = duration(requestMs);
  return { timeout: duration(0), max_stream_duration: { grpc_timeout_header_max: longest, ...(requestMs > 0 && { max_stream_duration: longest }) } };
}

/** One cluster by its name, or shares; a backend with changes of its own is always a share, since only shares can have them. */
function clusters({ backends, stickyOn }: ForwardAction): Message<'envoy.config.route.v3.RouteAction'> {
  const [first] = backends;
  const plain = first && backends.length === 1 && !first.requestHeaders && !first.responseHeaders && first.hostRewrite === undefined;
  if (plain) return { cluster: first.cluster ?? unresolvedCluster };
  if (!stickyOn || backends.length === 1) return { weighted_clusters: { clusters: backends.map((backend) => weightedCluster(backend, backend.weight)) } };
  return { weighted_clusters: { clusters: stickyClusters(backends), use_hash_policy: bool(true) }, hash_policy: [hashPolicy(stickyOn)] };
}

function weightedCluster(backend: WeightedBackend, weight: number) {
  return {
    name: backend.cluster ?? unresolvedCluster,
    weight: uint32(weight),
    ...headerFields(backend.requestHeaders, backend.responseHeaders),
    ...(backend.hostRewrite !== undefined && { host_rewrite_literal: backend.hostRewrite }),
    // Read by nobody but `withLivingShares`: Envoy looks for `envoy.lb` only.
    ...(backend.isMain && { metadata_match: { filter_metadata: { [mainShareMetadata]: {} } } }),
  };
}

/**
 * Envoy takes the hash modulo of the sum of the weights and looks in whose part that lies, in the order of the list. So the sum stays
 * the same whatever the weights are, and a backend stands in the list once for each run of its places. Without a hash it draws.
 */
function stickyClusters(backends: readonly WeightedBackend[]) {
  const named = backends.map(({ cluster = unresolvedCluster, weight }) => ({ name: cluster, weight }));
  return splitPlaces(named).flatMap(({ backend: index, length }) => {
    const backend = backends[index];
    return backend ? [weightedCluster(backend, length)] : [];
  });
}

/** A copy keeps the Host header: Envoy would add `-shadow` to it, which no backend that looks at it expects. */
function mirrorPolicy({ cluster, numerator, denominator, host }: Mirror) {
  return {
    cluster,
    disable_shadow_host_suffix_append: true,
    ...(host !== undefined && { host_rewrite_literal: host }),
    ...(numerator !== denominator && {
      runtime_fraction: { default_value: { numerator: Math.round((numerator / denominator) * 1_000_000), denominator: 'MILLION' as const } },
    }),
  };
}

function retryPolicy(retry: Retry | undefined, timeouts: RouteTimeouts): { retry_policy?: Message<'envoy.config.route.v3.RetryPolicy'> } {
  const perTryIdle = timeouts.perTryIdleMs !== undefined && { per_try_idle_timeout: duration(timeouts.perTryIdleMs) };
  // Without a word of what is tried again, only the time holds.
  if (!retry || retry.count === 0) return perTryIdle ? { retry_policy: perTryIdle } : {};
  const answers = 'retriable-status-codes';
  const on = [...retry.on, ...(retry.statusCodes.length > 0 && !retry.onIdempotent.includes(answers) ? [answers] : [])];
  return {
    retry_policy: {
      ...perTryIdle,
      retry_on: on.join(','),
      num_retries: uint32(atMostUint32(retry.count)),
      ...(timeouts.perTryMs !== undefined && { per_try_timeout: duration(timeouts.perTryMs) }),
      ...(retry.statusCodes.length > 0 && { retriable_status_codes: [...retry.statusCodes] }),
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: typed('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
        },
      ],
      host_selection_retry_max_attempts: String(hostSelectionAttempts),
      // Envoy refuses a zero interval.
      retry_back_off: {
        base_interval: duration(Math.max(1, retry.backoffBaseMs)),
        max_interval: duration(Math.max(1, retry.backoffMaxMs, retry.backoffBaseMs)),
      },
    },
  };
}
