import type { GatewayObjectsOptions } from './gateway-objects.ts';
import { selectorOf } from './names.ts';
import { portsOf } from './service.ts';

/** Where kubelet asks how Envoy is, which load balancers may do as well. */
const healthPort = 8002;

/** Who reaches the Envoys of a Gateway: anybody, on the ports of its listeners and the one for health. Out they go to any backend. */
export function networkPolicySpec({ gateway, settings }: Pick<GatewayObjectsOptions, 'gateway' | 'settings'>): object {
  const ports = portsOf(gateway.object.spec.listeners, settings).map(({ targetPort, protocol }) => ({ port: targetPort, protocol }));
  return {
    podSelector: { matchLabels: selectorOf(gateway) },
    policyTypes: ['Ingress'],
    ingress: [{ ports: [...ports, { port: healthPort }] }],
  };
}
