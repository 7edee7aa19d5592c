import type { Origin } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { AccessLog, ClientAddress, FilterChain } from '../ir/gateway.ts';
import type { Secret } from '../ir/secret.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { Settings } from '../settings.ts';
import type { GatewayListener } from './gateway-listener.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { Edge } from './ingress/edge.ts';
import type { OwnedRoute } from './precedence.ts';

/** Routes under a host name that were made together, each owner's in the order of its rules. */
export interface HostBlock {
  /** Exact, `*.suffix` or `*`. */
  readonly host: string;
  readonly routes: readonly OwnedRoute[];
}

/** One port of a group while it is put together: listeners, routes and certificates are added to it. */
export interface GroupPort {
  readonly group: string;
  /** As people write it. */
  readonly port: number;
  /** As Envoy binds it. */
  readonly boundPort: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** Those of the first that claimed the port. */
  readonly settings: GatewaySettings;
  /** What ingress-nginx says of the ports of Ingresses. Undefined: it is none of them. */
  readonly edge?: Edge;
  readonly listeners: GatewayListener[];
  readonly blocks: HostBlock[];
  /** One that comes several times is the same, or the last holds. */
  readonly backends: Backend[];
  /** By server name, `*` for the chain that takes all others. */
  readonly chains: Map<string, FilterChain>;
  readonly secrets: Map<string, Secret>;
  readonly origins: Origin[];
}

/** Why a port cannot be had. */
export interface PortRefusal {
  /** A sentence about whoever holds it. */
  readonly refused: string;
  readonly code: 'ListenerProtocolConflict' | 'PortUnavailable';
}

/** The ports of all groups. */
export interface GroupPorts {
  /** The port, made where nobody claimed it yet; or why it cannot be had. */
  claim(settings: GatewaySettings, port: number, protocol: 'HTTP' | 'HTTPS'): GroupPort | PortRefusal;
  find(group: string, port: number, protocol: 'HTTP' | 'HTTPS'): GroupPort | undefined;
  all(): Iterable<GroupPort>;
}

/**
 * Starts without any port.
 * @param edge of the ports 80 and 443 of one group, on which Ingresses stand.
 */
export function createGroupPorts({ httpPort, httpsPort }: Settings, edge: Edge & { readonly group: string }): GroupPorts {
  const ports = new Map<string, GroupPort>();
  const { group: _, ...withoutGroup } = edge;
  const bound = (port: number): number => (port === 80 ? httpPort : port === 443 ? httpsPort : port);
  const at = (group: string, port: number): GroupPort | undefined => ports.get(`${group} ${bound(port)}`);
  return {
    claim(settings, port, protocol) {
      const holder = at(settings.group, port);
      if (holder && holder.port !== port)
        return { refused: `port ${port} and port ${holder.port} are both bound on ${holder.boundPort}`, code: 'PortUnavailable' };
      if (holder && holder.protocol !== protocol) return { refused: `port ${port} already speaks ${holder.protocol}`, code: 'ListenerProtocolConflict' };
      if (holder) return holder;
      const made: GroupPort = {
        group: settings.group,
        port,
        boundPort: bound(port),
        protocol,
        settings,
        ...(settings.group === edge.group && (port === 80 || port === 443) && { edge: withoutGroup }),
        listeners: [],
        blocks: [],
        backends: [],
        chains: new Map(),
        secrets: new Map(),
        origins: [],
      };
      ports.set(`${made.group} ${made.boundPort}`, made);
      return made;
    },
    find(group, port, protocol) {
      const holder = at(group, port);
      return holder?.port === port && holder.protocol === protocol ? holder : undefined;
    },
    all: () => ports.values(),
  };
}

/** Who the client is: as a GatewayConfig says, or else ingress-nginx for the ports of Ingresses. */
export function clientAddressOf({ settings, edge }: GroupPort): ClientAddress {
  return settings.clientAddress ?? edge?.clientAddress ?? { mode: 'Peer' };
}

/** Writing a line costs about a tenth of what a request costs Envoy: nobody pays for all of them without asking. */
const unasked: AccessLog = { format: 'json', samplePercent: 1 };

/** What is written of requests: as a GatewayConfig says, or else ingress-nginx for the ports of Ingresses. Undefined: nothing. */
export function accessLogOf({ settings, edge }: GroupPort): AccessLog | undefined {
  const log = settings.accessLog ?? edge?.accessLog ?? unasked;
  return log.samplePercent > 0 ? log : undefined;
}

/** Of how many requests Envoys tell the client's address. Undefined: of none. */
export function clientSampleOf({ settings }: GroupPort, { clientCensus }: Settings): number | undefined {
  return (settings.clientSamplePercent ?? clientCensus.samplePercent) || undefined;
}

/** By the routes, then by the host name. */
const hostBlocks = new WeakTable<HostBlock['routes'], string, HostBlock>();

/** Routes under a host name. The same object for the same routes. */
export function hostBlock(host: string, routes: HostBlock['routes']): HostBlock {
  return hostBlocks.getOrMake(routes, host, () => ({ host, routes }));
}
