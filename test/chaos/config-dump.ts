import type { SnapshotAnswer } from '../../src/admin/api/snapshot.ts';
import type { EnvoyProcess } from '../../src/launch/envoy-process.ts';
import type { Json } from '../../src/proto/codec.ts';

/** Resources by type and name, in a form that is equal wherever the same is in force. */
export interface Dump {
  readonly clusters: Readonly<Record<string, Json>>;
  readonly routes: Readonly<Record<string, Json>>;
  readonly listeners: Readonly<Record<string, Json>>;
  /** By cluster, each endpoint as `ADDRESS:PORT WEIGHT HEALTH`. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>;
  /** Names of clusters that warm, of listeners that do, and of both that drain. */
  readonly unsettled: readonly string[];
}

type Message = { readonly [field: string]: Json };

interface Dumped {
  readonly configs: readonly {
    readonly dynamic_active_clusters?: readonly { readonly cluster: Message }[];
    readonly dynamic_warming_clusters?: readonly { readonly cluster: Message }[];
    readonly dynamic_route_configs?: readonly { readonly route_config: Message }[];
    readonly dynamic_listeners?: readonly {
      readonly name: string;
      readonly active_state?: { readonly listener: Message };
      readonly warming_state?: object;
      readonly draining_state?: object;
    }[];
    readonly dynamic_endpoint_configs?: readonly { readonly endpoint_config: Message }[];
  }[];
}

/** What an Envoy has in force of what came by xDS, from its admin page. */
export async function dumpOf({ adminAddress }: EnvoyProcess): Promise<Dump> {
  const { configs } = (await (await fetch(`http://${adminAddress}/config_dump?include_eds`)).json()) as Dumped;
  const listeners = configs.flatMap((one) => one.dynamic_listeners ?? []);
  return {
    clusters: byName(configs.flatMap((one) => one.dynamic_active_clusters ?? []).map(({ cluster }) => cluster)),
    routes: byName(configs.flatMap((one) => one.dynamic_route_configs ?? []).map(({ route_config }) => route_config)),
    listeners: byName(listeners.flatMap(({ active_state }) => (active_state ? [active_state.listener] : []))),
    endpoints: endpointsByCluster(configs.flatMap((one) => one.dynamic_endpoint_configs ?? []).map(({ endpoint_config }) => endpoint_config)),
    unsettled: [
      ...configs.flatMap((one) => one.dynamic_warming_clusters ?? []).map(({ cluster }) => String(cluster['name'])),
      ...listeners.filter(({ warming_state, draining_state }) => warming_state ?? draining_state).map(({ name }) => name),
    ],
  };
}

/** What is served, in the same form. */
export async function dumpOfServed(adminPort: number): Promise<Dump> {
  const served = (await (await fetch(`http://127.0.0.1:${adminPort}/api/v1/snapshot?group=default`)).json()) as SnapshotAnswer;
  return {
    clusters: byName(served.clusters as readonly Message[]),
    routes: byName(served.routes as readonly Message[]),
    listeners: byName(served.listeners as readonly Message[]),
    endpoints: endpointsByCluster(served.endpoints as readonly Message[]),
    unsettled: [],
  };
}

function byName(messages: readonly Message[]): Readonly<Record<string, Message>> {
  const named = messages.map(({ '@type': _type, ...message }) => [String(message['name']), message] as const);
  return Object.fromEntries(named.sort(([a], [b]) => a.localeCompare(b)));
}

interface Assignment {
  readonly cluster_name: string;
  readonly endpoints?: readonly { readonly lb_endpoints?: readonly LbEndpoint[] }[];
}

interface LbEndpoint {
  readonly endpoint: { readonly address: { readonly socket_address: { readonly address: string; readonly port_value: number } } };
  readonly load_balancing_weight?: number;
  readonly health_status?: string;
}

/** Envoy tells of endpoints as it sees them, with every default written out, so that these cannot be compared as they are. */
function endpointsByCluster(messages: readonly Message[]): Readonly<Record<string, readonly string[]>> {
  const words = ({ endpoint, load_balancing_weight: weight = 1, health_status: health = 'HEALTHY' }: LbEndpoint): string => {
    const { address, port_value: port } = endpoint.address.socket_address;
    return `${address}:${port} ${weight} ${health === 'UNKNOWN' ? 'HEALTHY' : health}`;
  };
  const assignments = messages as unknown as readonly Assignment[];
  const named = assignments.map(
    ({ cluster_name, endpoints = [] }) =>
      [
        cluster_name,
        endpoints
          .flatMap((one) => one.lb_endpoints ?? [])
          .map(words)
          .sort(),
      ] as const,
  );
  return Object.fromEntries(named.sort(([a], [b]) => a.localeCompare(b)));
}
