import { isDeepStrictEqual } from 'node:util';
import { diagnostic, type Report } from '../diagnostic.ts';
import type { DownstreamTls, FilterChain } from '../ir/gateway.ts';
import { routeConfigurationName } from '../ir/names.ts';
import type { StoreView } from '../store/view.ts';
import { type GatewayListener, gatewayListener } from './gateway-listener.ts';
import { gatewaySettings } from './gateway-settings.ts';
import { reportUnsupportedFields } from './gateway-unsupported.ts';
import type { GroupPort, GroupPorts, PortRefusal } from './group-port.ts';
import { compareOwners } from './precedence.ts';

/** A listener with the port that it was merged into. */
export interface PlacedListener {
  readonly listener: GatewayListener;
  readonly port: GroupPort;
}

/**
 * Puts the listeners of all Gateways of ours on their ports, oldest Gateway first, and tells where they stand:
 * by `NAMESPACE/NAME` of the Gateway. A Gateway of another controller is not in the result.
 *
 * Listeners of a group that share a port are merged by host name. Gateway API lets nobody win where listeners of ONE Gateway
 * conflict (the API server refuses most of these); between Gateways the older one wins, so that a new Gateway cannot take
 * down one that serves.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec
 */
export function placeGateways(view: StoreView, ports: GroupPorts, report: Report): ReadonlyMap<string, readonly PlacedListener[]> {
  const placed = new Map<string, readonly PlacedListener[]>();
  for (const gateway of view.list('Gateway').toSorted(compareOwners)) {
    const settings = gatewaySettings(view, gateway, report);
    if (!settings) continue;
    reportUnsupportedFields(gateway, report);
    const listeners = gateway.object.spec.listeners.flatMap((_, index) => {
      const listener = gatewayListener(view, gateway, index, settings, report);
      const port = listener && place(listener, ports, report);
      return listener && port ? [{ listener, port }] : [];
    });
    placed.set(`${gateway.namespace}/${gateway.name}`, listeners);
  }
  return placed;
}

function place(listener: GatewayListener, ports: GroupPorts, report: Report): GroupPort | undefined {
  const { spec, settings, hostname } = listener;
  const port = ports.claim(settings, spec.port, listener.protocol);
  if ('refused' in port) {
    conflict(listener, port.code, port.refused, 'Use another port, or a group of its own (`spec.group` of a GatewayConfig).', report);
    return undefined;
  }
  const holder = port.listeners.find((other) => other.hostname === hostname);
  if (holder) {
    const { gateway } = holder;
    const names = hostname === '*' ? 'all host names' : `the host name ${hostname}`;
    conflict(
      listener,
      'ListenerConflict',
      `Gateway ${gateway.namespace}/${gateway.name} already listens for ${names} on port ${spec.port}`,
      'Give it another host name or port.',
      report,
    );
    return undefined;
  }
  if (!isDeepStrictEqual(shared(port.settings), shared(settings))) {
    const message = `Port ${spec.port} is shared with an older Gateway whose GatewayConfig says something else; its client address, access log and census of clients hold.`;
    report(diagnostic('SettingConflict', listener.origin(), message, 'Use the same GatewayConfig for both, or groups of their own.'));
  }
  port.listeners.push(listener);
  port.origins.push(listener.origin());
  for (const { secret } of listener.certificates) port.secrets.set(secret.name, secret);
  if (listener.protocol === 'HTTP') port.chains.set('*', plainChain(port));
  else if (listener.certificates.length > 0) port.chains.set(hostname, tlsChain(listener, port));
  return port;
}

function shared({ clientAddress, accessLog, clientSamplePercent }: GatewayListener['settings']): unknown {
  return { clientAddress, accessLog, clientSamplePercent };
}

function conflict({ spec, origin }: GatewayListener, code: PortRefusal['code'] | 'ListenerConflict', why: string, remedy: string, report: Report): void {
  report(diagnostic(code, origin(), `${why.charAt(0).toUpperCase()}${why.slice(1)}, so the listener ${spec.name} is not served.`, remedy));
}

/** The one chain of a port without TLS. */
export function plainChain({ group, port, origins }: GroupPort): FilterChain {
  return { name: 'default', serverNames: [], routeConfiguration: routeConfigurationName(group, port), origins };
}

/** One chain for each host name, so that a new host name leaves the connections of all others alone. */
function tlsChain(listener: GatewayListener, port: GroupPort): FilterChain {
  const certificates = listener.certificates.map(({ secret }) => secret.name);
  return serverChain(port, listener.hostname, { certificates, minimumVersion: listener.minimumVersion, alpn: ['h2', 'http/1.1'] }, listener);
}

/** The chain of a port with TLS for one host name, `*` for all that no other chain takes. @param then how TLS ends here, or to which backend it goes on. */
export function serverChain(
  { group, port }: GroupPort,
  host: string,
  then: DownstreamTls | { readonly passesTo: string },
  { origin }: Pick<GatewayListener, 'origin'>,
): FilterChain {
  const isDefault = host === '*';
  return {
    name: isDefault ? 'default' : host,
    serverNames: isDefault ? [] : [host],
    ...('passesTo' in then ? then : { tls: then }),
    routeConfiguration: routeConfigurationName(group, port),
    origins: [origin()],
  };
}
