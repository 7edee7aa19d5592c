import { isIP } from 'node:net';
import type { HostPort } from '../address.ts';
import type { Json } from '../proto/codec.ts';
import { xdsCluster } from '../xds-cluster.ts';
import { any } from './any.ts';
import { envoySecretConfig } from './envoy-secrets.ts';
import { healthListener } from './health-listener.ts';
import { latencySink } from './latency-sink.ts';

export interface BootstrapOptions {
  /** `node.id`: unique among all Envoys, as it names one of them in `sluice status`. */
  readonly node: string;
  /** `node.cluster`: the group whose resources the Envoy asks for. */
  readonly group: string;
  /** The xDS server; a name is resolved again and again, and may stand for several replicas. */
  readonly xds: HostPort;
  readonly protocol: 'delta' | 'sotw';
  /** Where Envoy's admin page listens; port 0 takes a free one. Anyone who reaches it can stop Envoy: keep it on loopback. */
  readonly admin: HostPort;
  /** Where it answers health checks, see `healthListener`. Undefined: nowhere. */
  readonly health?: HostPort;
  /** `node.locality.zone`, for backends that prefer endpoints of their own zone. Undefined: not known. */
  readonly zone?: string;
  /** TLS towards the xDS server. Undefined: plain text. */
  readonly tls?: XdsTls;
  /** Whether it tells Sluice of its requests, for the shares that are measured. Undefined: it does. */
  readonly reportsLoad?: boolean;
  /** Whether it tells Sluice how long requests took. Undefined: it does. */
  readonly reportsLatency?: boolean;
  /** Open downstream connections above which new ones are refused, over all listeners. */
  readonly maxConnections: number;
}

/** Paths are those of Envoy's machine. */
export interface XdsTls {
  readonly from: XdsTlsFiles | XdsTlsFolder;
  /** SNI, and the name that the server's certificate must have. Undefined: the host of the xDS address. */
  readonly serverName?: string;
}

/** Files that a client reads at its start. */
export interface XdsTlsFiles {
  /** Authorities that the server's certificate is checked against. */
  readonly ca: string;
  /** Certificate and key that the client shows: both or none. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** What `envoySecrets` makes; Envoy reads it again when it is replaced. */
interface XdsTlsFolder {
  readonly folder: string;
}

/** Enough for a busy gateway, and few enough that open connections alone do not use up its memory: the number of Envoy's own guide for the edge. */
export const defaultMaxConnections = 50_000;

/** Stands for the Envoys of the own zone; no request goes there. */
const localCluster = 'sluice-local';

/**
 * The bootstrap of an Envoy that Sluice drives, as protobuf JSON (which is YAML as well).
 *
 * It has no `minimum_clusters` validator, which would refuse to go from some clusters to none: measured on 1.40, it refuses
 * the first answer of a group without clusters too (one of redirects only, or one that begins empty), again and again.
 * That Envoy is not emptied by mistake is the server's promise.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
 */
export function bootstrap(options: BootstrapOptions): Json {
  return {
    node: {
      id: options.node,
      cluster: options.group,
      ...(options.zone === undefined ? {} : { locality: { zone: options.zone } }),
    },
    // Whoever looks after an Envoy that is full of connections must still get in.
    admin: { address: address(options.admin), ignore_global_conn_limit: true },
    dynamic_resources: {
      ads_config: {
        api_type: options.protocol === 'delta' ? 'DELTA_GRPC' : 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [
          {
            envoy_grpc: {
              cluster_name: xdsCluster,
              // Envoy's own is up to 30 s: too long to miss changes after Sluice was restarted.
              retry_policy: { retry_back_off: { base_interval: '0.250s', max_interval: '5s' } },
            },
          },
        ],
      },
      cds_config: fromAds,
      lds_config: fromAds,
    },
    cluster_manager: {
      ...(options.zone === undefined ? {} : { local_cluster_name: localCluster }),
      ...(options.reportsLoad !== false && {
        load_stats_config: { api_type: 'GRPC', transport_api_version: 'V3', grpc_services: [{ envoy_grpc: { cluster_name: xdsCluster } }] },
      }),
    },
    static_resources: {
      ...(options.health === undefined ? {} : { listeners: [healthListener(options.health)] }),
      clusters: [clusterOfSluice(options), ...(options.zone === undefined ? [] : [clusterOfZone(options.zone)])],
    },
    ...(options.reportsLatency !== false && latencySink({ node: options.node, group: options.group, cluster: xdsCluster })),
    layered_runtime: {
      layers: [
        {
          name: 'sluice',
          static_layer: {
            // Envoy refuses regular expressions above 100 (`/[a-z]{200}` is 205), and with one of them the whole route table.
            're2.max_program_size.error_level': 32768,
            // As many spans are sent together as nginx sends, where Envoy sends five; it waits for them for five seconds, as nginx does.
            'tracing.opentelemetry.min_flush_spans': 512,
          },
        },
      ],
    },
    overload_manager: {
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: any('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig', {
            max_active_downstream_connections: String(options.maxConnections),
          }),
        },
      ],
    },
  };
}

/**
 * Without a time limit, Envoy is not ready (`/ready`) until Sluice has answered; with the usual 15 s it would call itself
 * ready while it has no listener.
 */
const fromAds: Json = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' };

/**
 * Envoy prefers its own zone only where a local cluster has an endpoint there; all that it needs of it is the zone.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware
 */
function clusterOfZone(zone: string): Json {
  const endpoint = { endpoint: { address: address({ host: '127.0.0.1', port: 1 }) } };
  return {
    name: localCluster,
    type: 'STATIC',
    load_assignment: { cluster_name: localCluster, endpoints: [{ locality: { zone }, lb_endpoints: [endpoint] }] },
  };
}

function clusterOfSluice({ xds, tls }: BootstrapOptions): Json {
  return {
    name: xdsCluster,
    ...(isIP(xds.host) === 0
      ? {
          cluster_type: {
            name: 'envoy.clusters.dns',
            // Both families, since a name like `localhost` may have addresses where nobody listens.
            typed_config: any('envoy.extensions.clusters.dns.v3.DnsCluster', { dns_lookup_family: 'ALL' }),
          },
        }
      : { type: 'STATIC' }),
    connect_timeout: '2s',
    load_assignment: { cluster_name: xdsCluster, endpoints: [{ lb_endpoints: [{ endpoint: { address: address(xds) } }] }] },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
        explicit_http_config: {
          // A server that vanished without a word (a lost node, a firewall that forgot) is noticed after 20 s at the most.
          http2_protocol_options: { connection_keepalive: { interval: '15s', timeout: '5s' } },
        },
      }),
    },
    ...(tls === undefined ? {} : { transport_socket: transportSocket(tls, xds.host) }),
  };
}

function transportSocket(tls: XdsTls, host: string): Json {
  const name = tls.serverName ?? host;
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: any('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      // RFC 6066: an address is no server name.
      ...(isIP(name) === 0 ? { sni: name } : {}),
      common_tls_context: {
        // As a client Envoy speaks 1.2 at the most unless it is told.
        tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
        ...certificatesFrom(tls.from, { match_typed_subject_alt_names: [{ san_type: isIP(name) === 0 ? 'DNS' : 'IP_ADDRESS', matcher: { exact: name } }] }),
      },
    }),
  };
}

/** What Envoy shows, and how it checks what the server shows. */
function certificatesFrom(from: XdsTlsFiles | XdsTlsFolder, names: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  if ('folder' in from) {
    return {
      tls_certificate_sds_secret_configs: [envoySecretConfig(from.folder, 'certificate')],
      combined_validation_context: { default_validation_context: names, validation_context_sds_secret_config: envoySecretConfig(from.folder, 'authority') },
    };
  }
  const { ca, client } = from;
  return {
    ...(client && { tls_certificates: [{ certificate_chain: { filename: client.certificate }, private_key: { filename: client.key } }] }),
    validation_context: { trusted_ca: { filename: ca }, ...names },
  };
}

function address({ host, port }: HostPort): Json {
  return { socket_address: { address: host, port_value: port } };
}
