import type { Json } from '../../src/proto/codec.ts';
import { grpcHost, grpcPool, httpHost, type Wanted } from '../release/wanted.ts';

const typed = (name: string, more: Readonly<Record<string, Json>> = {}): Readonly<Record<string, Json>> => ({
  '@type': `type.googleapis.com/envoy.${name}`,
  ...more,
});

const grpcWeb = 'grpc-web';
const switchedOn = typed('config.route.v3.FilterConfig', { config: {} });

const headerCase = {
  header_key_format: {
    stateful_formatter: {
      name: 'envoy.http.stateful_header_formatters.preserve_case',
      typed_config: typed('extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig'),
    },
  },
};

/**
 * The leanest Envoy that does the same for clients and backends: routes with splits and a header, retries of what was not sent, at another
 * endpoint, ejection, limits, an end for clients that never finish their headers, paths brought to one form, no headers with underscores, names of headers as they came, the
 * address of the client and its port for backends, what the client said of its way, request ids as nginx makes them, HTTP/1.0, WebSocket, pings,
 * host names with a port, gRPC with deadlines, with streams that may be silent for long, and gRPC-Web.
 * Written by hand, without access log, without what only other routes use and without headers that nobody asked for. What may be done twice
 * is tried again after a reset as well: a route of its own by method, as one retry policy knows no methods. Calls of gRPC are always POST and need
 * none; nor do they pass the filter of gRPC-Web, which has a route of its own as well.
 */
export function leanBootstrap({ pools, rules }: Wanted, port: number): Readonly<Record<string, Json>> {
  return {
    static_resources: { listeners: [listener(rules, port)], clusters: Object.entries(pools).map(([name, endpoints]) => cluster(name, endpoints)) },
  };
}

function listener(rules: Wanted['rules'], port: number): Json {
  const notSent = 'connect-failure,refused-stream,reset-before-request';
  const policy = (retry_on: string) => ({
    retry_on,
    num_retries: 3,
    retry_host_predicate: [{ name: 'previous_hosts', typed_config: typed('extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate') }],
    host_selection_retry_max_attempts: 5,
  });
  const idempotent = { headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|PUT|DELETE' } } }] };
  const routes = rules.flatMap(({ prefix, edit, split }) => {
    const weighted_clusters = { clusters: Object.entries(split).map(([name, weight]) => ({ name, weight })) };
    const route = (match: Readonly<Record<string, Json>>, retry_on: string) => ({
      match: { path_separated_prefix: prefix, ...match },
      response_headers_to_add: [{ header: { key: 'x-edit', value: edit }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
      route: { timeout: '0s', retry_policy: policy(retry_on), weighted_clusters },
    });
    return [route(idempotent, `${notSent},reset`), route({}, notSent)];
  });
  const deadline = { timeout: '0s', idle_timeout: '0s', max_stream_duration: { grpc_timeout_header_max: '0s' } };
  const call = { ...deadline, retry_policy: policy(notSent), cluster: grpcPool };
  const fromBrowsers = { name: 'content-type', string_match: { prefix: 'application/grpc-web' } };
  const calls = [
    { match: { prefix: '/', grpc: {} }, route: call },
    { match: { prefix: '/', headers: [fromBrowsers] }, route: call, typed_per_filter_config: { [grpcWeb]: switchedOn } },
  ];
  const eightDigits = '%COALESCE({"operators":["UNIQUE_ID"]}):8%';
  const said = 'x-original-forwarded-for';
  const mutations = [
    { remove: said },
    { append: { header: { key: said, value: '%REQ(x-forwarded-for)%' } } },
    { append: { header: { key: 'x-request-id', value: eightDigits.repeat(4) }, append_action: 'ADD_IF_ABSENT' } },
  ];
  const forBackends = { 'x-forwarded-port': String(port), 'x-real-ip': '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' };
  return {
    name: 'http',
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [
      {
        filters: [
          {
            name: 'http',
            typed_config: typed('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
              stat_prefix: 'http',
              use_remote_address: true,
              normalize_path: true,
              merge_slashes: true,
              path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD',
              server_header_transformation: 'PASS_THROUGH',
              preserve_external_request_id: true,
              internal_address_config: { cidr_ranges: [{ address_prefix: '255.255.255.255', prefix_len: 32 }] },
              early_header_mutation_extensions: [
                { name: 'early', typed_config: typed('extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', { mutations }) },
              ],
              common_http_protocol_options: { idle_timeout: '900s', headers_with_underscores_action: 'DROP_HEADER' },
              http_protocol_options: { accept_http_10: true, default_host_for_http_10: '_', ...headerCase },
              http2_protocol_options: { connection_keepalive: { interval: '120s', timeout: '20s' } },
              request_headers_timeout: '10s',
              upgrade_configs: [{ upgrade_type: 'websocket' }],
              http_filters: [
                { name: grpcWeb, typed_config: typed('extensions.filters.http.grpc_web.v3.GrpcWeb'), disabled: true },
                { name: 'router', typed_config: typed('extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }) },
              ],
              route_config: {
                ignore_port_in_host_matching: true,
                request_headers_to_remove: ['x-envoy-external-address'],
                request_headers_to_add: Object.entries(forBackends).map(([key, value]) => ({
                  header: { key, value },
                  append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
                })),
                virtual_hosts: [
                  { name: 'shop', domains: [httpHost], routes },
                  { name: 'calls', domains: [grpcHost], routes: calls },
                ],
              },
            }),
          },
        ],
      },
    ],
  };
}

function cluster(name: string, endpoints: Wanted['pools'][string]): Json {
  const protocol = name === grpcPool ? { http2_protocol_options: {} } : { http_protocol_options: headerCase };
  return {
    name,
    type: 'STATIC',
    lb_policy: 'LEAST_REQUEST',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: endpoints.map(({ port }) => ({ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } })) }],
    },
    circuit_breakers: {
      thresholds: [{ max_connections: 10_000, max_pending_requests: 10_000, max_requests: 10_000, retry_budget: { min_retry_concurrency: 50 } }],
    },
    outlier_detection: { interval: '1s', base_ejection_time: '10s', max_ejection_percent: 50, always_eject_one_host: true },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed('extensions.upstreams.http.v3.HttpProtocolOptions', {
        common_http_protocol_options: { idle_timeout: '4s' },
        explicit_http_config: protocol,
      }),
    },
  };
}
