import type { Host, Written } from './host.ts';

/** A listener for each scheme of a host name; a Gateway has at most 64. */
const hostsOfOne = 32;

/** The Gateways of some host names: one a namespace, or several where there are many. Each host name has its listeners, so that Gateways do not share one. */
export function gatewaysFor(hosts: readonly Host[]): readonly Written[] {
  return [...Map.groupBy(hosts, namespaceOf)].flatMap(([namespace, all]) =>
    [...Map.groupBy(all.entries(), ([index]) => Math.floor(index / hostsOfOne))].map(([part, some]) => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: gatewayName(part), namespace },
      spec: { gatewayClassName: 'sluice', listeners: some.flatMap(([, host]) => listenersOf(host)) },
    })),
  );
}

/** The namespace of all that stands at a host name. */
export function namespaceOf({ ingresses }: Host): string {
  return ingresses[0]?.namespace ?? 'default';
}

/** The listener of a host name, and the name of what attaches to it. */
export function sectionOf(host: string, scheme: 'http' | 'https'): string {
  return host === '*' ? scheme : `${scheme}-${host}`;
}

function gatewayName(part: number): string {
  return part === 0 ? 'ingress' : `ingress-${part + 1}`;
}

function listenersOf({ server: { host }, certificate }: Host): readonly Written[] {
  const hostname = host === '*' ? {} : { hostname: host };
  const tls = { mode: 'Terminate', certificateRefs: [{ name: certificate?.secretName }] };
  return [
    { name: sectionOf(host, 'http'), ...hostname, port: 80, protocol: 'HTTP' },
    ...(certificate ? [{ name: sectionOf(host, 'https'), ...hostname, port: 443, protocol: 'HTTPS', tls }] : []),
  ];
}

/** The Gateway that has the listeners of each host name. */
export function gatewayNames(hosts: readonly Host[]): ReadonlyMap<Host, string> {
  const names = new Map<Host, string>();
  for (const all of Map.groupBy(hosts, namespaceOf).values())
    for (const [index, host] of all.entries()) names.set(host, gatewayName(Math.floor(index / hostsOfOne)));
  return names;
}
