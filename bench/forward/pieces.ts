import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import type { Json } from '../../src/proto/codec.ts';
import { unchanged } from './report.ts';

type Fields = Record<string, Json>;

/** A filter of the chain. */
interface NamedFilter extends Fields {
  readonly name: string;
  readonly typed_config: Fields;
  /** It is there for routes that switch it on. */
  readonly disabled?: boolean;
}

/** One thing that Sluice sets, or could set, on the other side. Null takes a field away. */
export interface Piece {
  readonly name: string;
  /** Fields of the HTTP connection manager. */
  readonly manager?: Readonly<Fields>;
  /** Fields of the router. */
  readonly router?: Readonly<Fields>;
  /** Filters that are left out. */
  readonly without?: (filter: NamedFilter) => boolean;
  /** Fields of each route configuration. */
  readonly routes?: Readonly<Fields>;
  /** Fields of each cluster. */
  readonly cluster?: Readonly<Fields>;
}

const operators = [
  'START_TIME',
  'REQ(:METHOD)',
  'REQ(:AUTHORITY)',
  'REQ(:PATH)',
  'PROTOCOL',
  'RESPONSE_CODE',
  'RESPONSE_FLAGS',
  'RESPONSE_CODE_DETAILS',
  'BYTES_RECEIVED',
  'BYTES_SENT',
  'DURATION',
  'ROUTE_NAME',
  'UPSTREAM_CLUSTER_RAW',
  'UPSTREAM_HOST',
  'REQ(X-REQUEST-ID)',
  'REQ(USER-AGENT)',
];
const accessLog: Json = {
  name: 'stdout',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
    log_format: { json_format: Object.fromEntries(operators.map((operator) => [operator, `%${operator}%`])) },
  },
};

/** Routes of gRPC switch it on. */
const isGrpcWeb = ({ name }: NamedFilter): boolean => name.endsWith('.grpc_web');

/** Each is what Sluice makes but for one thing. */
export const pieces: readonly Piece[] = [
  { name: unchanged },
  { name: 'access log of each request', manager: { access_log: [accessLog] } },
  { name: 'no access log', manager: { access_log: null } },
  { name: 'headers of Envoy', router: { suppress_envoy_headers: null } },
  { name: 'no request ids, and nothing changed before filters', manager: { generate_request_id: false, early_header_mutation_extensions: null } },
  { name: 'no time-out of silent streams', manager: { stream_idle_timeout: '0s' } },
  { name: 'no time-out of request headers', manager: { request_headers_timeout: null } },
  { name: 'no retries of idempotent requests', without: ({ name }) => name.endsWith('.idempotent_retries') },
  { name: 'no gRPC-Web', without: isGrpcWeb },
  { name: 'no filters but those that are on', without: (filter) => filter.disabled === true && !isGrpcWeb(filter) },
  { name: 'no headers of its own for backends', routes: { request_headers_to_add: null } },
  { name: 'timeout-budget and size histograms', cluster: { track_cluster_stats: { timeout_budgets: true, request_response_sizes: true } } },
  { name: 'no ejection', cluster: { outlier_detection: null } },
];

interface Listener {
  readonly address: { socket_address: Json };
  readonly filter_chains: readonly { readonly filters: readonly { typed_config: Fields }[] }[];
}

/** A bootstrap with what Sluice serves on a port in it, on another port, changed by a piece. */
export function fixedBootstrap(snapshot: SnapshotAnswer, served: number, port: number, piece: Piece): Readonly<Record<string, Json>> {
  const endpoints = byName(snapshot.endpoints, 'cluster_name');
  const routes = byName(snapshot.routes, 'name');
  const listener = structuredClone(snapshot.listeners.find((one) => JSON.stringify(one).includes(`"port_value":${served}`))) as unknown as Listener;
  listener.address.socket_address = { address: '127.0.0.1', port_value: port };
  for (const filter of listener.filter_chains.flatMap(({ filters }) => filters)) {
    const { rds, http_filters, upgrade_configs, ...manager } = filter.typed_config;
    const { route_config_name } = rds as { readonly route_config_name: string };
    const chain = (filters: Json | undefined) => chainOf(filters as unknown as NamedFilter[], piece);
    filter.typed_config = changed(
      {
        ...manager,
        http_filters: chain(http_filters),
        upgrade_configs: (upgrade_configs as Fields[]).map((upgrade) => ({ ...upgrade, filters: chain(upgrade['filters']) })),
        route_config: changed(routes.get(route_config_name) as Fields, piece.routes),
      },
      piece.manager,
    );
  }
  const clusters = snapshot.clusters.map((one) => {
    const { eds_cluster_config: _, ...cluster } = one as Fields;
    return changed({ ...cluster, type: 'STATIC', load_assignment: endpoints.get(cluster['name'] ?? '') ?? {} }, piece.cluster);
  });
  return { static_resources: { listeners: [listener as unknown as Json], clusters } };
}

/** The filters of a chain, changed by a piece. What asks for a secret by xDS has nobody to ask here, and rests. */
function chainOf(filters: readonly NamedFilter[], piece: Piece): NamedFilter[] {
  return filters
    .filter((one) => !one.name.endsWith('.session_keys') && !piece.without?.(one))
    .map((one) => (one.name === 'envoy.filters.http.router' ? { ...one, typed_config: changed(one.typed_config, piece.router) } : one));
}

const byName = (resources: readonly Json[], field: string): ReadonlyMap<Json, Json> => new Map(resources.map((one) => [(one as Fields)[field] ?? '', one]));

function changed(fields: Fields, by: Readonly<Fields> = {}): Fields {
  return Object.fromEntries(Object.entries({ ...fields, ...by }).filter(([, value]) => value !== null));
}
