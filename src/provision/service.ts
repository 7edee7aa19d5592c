import type { GatewayObjectsOptions } from './gateway-objects.ts';
import { selectorOf } from './names.ts';

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** The Service of a Gateway: one port for each that its listeners name. Undefined: the server was told to make none, and no GatewayConfig says a type. */
export function serviceSpec({ gateway, envoys, config, settings }: GatewayObjectsOptions): object | undefined {
  const told = config.envoy.service;
  const { type = told.type, externalTrafficPolicy = told.externalTrafficPolicy } = envoys.service ?? {};
  const { loadBalancerClass = told.loadBalancerClass, loadBalancerSourceRanges = told.loadBalancerSourceRanges } = envoys.service ?? {};
  if (type === 'None') return undefined;
  return {
    type,
    ...(type !== 'ClusterIP' && { externalTrafficPolicy }),
    ...(type === 'LoadBalancer' && loadBalancerClass !== '' && { loadBalancerClass }),
    ...(type === 'LoadBalancer' && loadBalancerSourceRanges.length > 0 && { loadBalancerSourceRanges }),
    selector: selectorOf(gateway),
    ports: portsOf(gateway.object.spec.listeners, settings),
  };
}

/** By port, so that two listeners of one port are one, and one that moves in the list changes nothing. Of two that Envoy binds on the same port the first is served. */
export function portsOf(
  listeners: GatewayObjectsOptions['gateway']['object']['spec']['listeners'],
  { httpPort, httpsPort }: GatewayObjectsOptions['settings'],
): readonly ServicePort[] {
  const found = new Map<string, ServicePort>();
  for (const { port, protocol: spoken } of listeners) {
    // Protocols of others are not served, and what they run on is not known.
    if (spoken.includes('/')) continue;
    const protocol = spoken === 'UDP' ? 'UDP' : 'TCP';
    const targetPort = port === 80 ? httpPort : port === 443 ? httpsPort : port;
    const key = `${protocol} ${targetPort}`;
    if (!found.has(key)) found.set(key, { name: `${protocol.toLowerCase()}-${port}`, port, targetPort, protocol });
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port || a.protocol.localeCompare(b.protocol));
}
