import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource, Snapshot } from '../resource.ts';

/** One endpoint as it is served, and which Envoys leave it out by what they found themselves. */
export interface EndpointRow {
  readonly group: string;
  readonly cluster: string;
  /** Address, or the name that Envoy resolves itself. */
  readonly address: string;
  readonly port: number;
  readonly health: 'healthy' | 'draining';
  /** As it is sent, relative to the others of the cluster. */
  readonly weight: number;
  /** Share of the cluster's requests that its weight gives it now, 0 to 100, as long as no Envoy ejects one or prefers its own zone. One that drains has none. */
  readonly sharePercent: number;
  /** Undefined: it is aged, or nobody warms it up, or nobody knows its age. */
  readonly warmUp?: EndpointWarmUp;
  /** Undefined: none is known. */
  readonly zone?: string;
  /** Envoys that send it nothing, as their admin pages say. Undefined: no Envoy of the group is asked. */
  readonly outAt?: readonly OutAt[];
}

/** An Envoy that leaves an endpoint out. */
export interface OutAt {
  /** `node.id`. */
  readonly envoy: string;
  /** In words; undefined: not known. */
  readonly reason?: string;
  /** About how long it stays out, in milliseconds. Undefined: not known, or it is not ejected. */
  readonly leftMs?: number;
  /** It stays out until a health check passes, if not longer. */
  readonly awaitsCheck?: true;
}

/** How far an endpoint has come. */
export interface EndpointWarmUp {
  /** Who warms it up. What Envoy does begins when each Envoy first sees the endpoint, so that its percents are about those. */
  readonly by: 'Envoy' | 'Sluice';
  /** Percent of its full weight that it has, from 1. */
  readonly percent: number;
  readonly windowMs: number;
  /** Whether no route sends requests to it, so that it stands still. */
  readonly isIdle: boolean;
}

/** The endpoints of a snapshot, those that Envoy resolves by DNS included. */
export function endpointRows(snapshot: Snapshot): readonly EndpointRow[] {
  const assigned = [...snapshot.resources.endpoints.values()].flatMap((resource) => assignedRows(snapshot.group, resource));
  const inline = [...snapshot.resources.clusters.values()].flatMap(({ name, bytes }) =>
    rowsOf(snapshot.group, name, decode('envoy.config.cluster.v3.Cluster', bytes).load_assignment),
  );
  return [...assigned, ...inline];
}

/** The endpoints of one assignment. */
export function assignedRows(group: string, { name, bytes }: Pick<Resource, 'name' | 'bytes'>): readonly EndpointRow[] {
  return rowsOf(group, name, decode('envoy.config.endpoint.v3.ClusterLoadAssignment', bytes));
}

function rowsOf(
  group: string,
  cluster: string,
  assignment: Message<'envoy.config.endpoint.v3.ClusterLoadAssignment'> | null | undefined,
): readonly EndpointRow[] {
  const rows = (assignment?.endpoints ?? []).flatMap((locality) =>
    (locality.lb_endpoints ?? []).map((one): Omit<EndpointRow, 'sharePercent'> => {
      const socket = one.endpoint?.address?.socket_address;
      const zone = locality.locality?.zone;
      return {
        group,
        cluster,
        address: socket?.address ?? '',
        port: socket?.port_value ?? 0,
        health: one.health_status === 'DRAINING' ? 'draining' : 'healthy',
        weight: one.load_balancing_weight?.value ?? 1,
        ...(zone ? { zone } : {}),
      };
    }),
  );
  const shared = rows.filter(({ health }) => health === 'healthy').reduce((sum, { weight }) => sum + weight, 0);
  return rows.map((row) => ({ ...row, sharePercent: row.health === 'healthy' ? (row.weight / shared) * 100 : 0 }));
}
