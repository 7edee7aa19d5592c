import type { GatewayObjectsOptions } from './gateway-objects.ts';
import { selectorOf } from './names.ts';
import { healthPort, viewPort } from './ports.ts';
import { portsOf } from './service.ts';

/**
 * Who reaches the Envoys of a Gateway: anybody, on the ports of its listeners and the one for health; Sluice also the view of what is
 * out. Out they go to any backend.
 */
export function networkPolicySpec({ gateway, settings, config }: Pick<GatewayObjectsOptions, 'gateway' | 'settings' | 'config'>): object {
  const ports = portsOf(gateway.object.spec.listeners, settings).map(({ targetPort, protocol }) => ({ port: targetPort, protocol }));
  return {
    podSelector: { matchLabels: selectorOf(gateway) },
    policyTypes: ['Ingress'],
    ingress: [
      { ports: [...ports, { port: healthPort }] },
      {
        ports: [{ port: viewPort }],
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': config.authority.namespace } },
            podSelector: { matchLabels: { 'app.kubernetes.io/name': 'sluice', 'app.kubernetes.io/component': 'server' } },
          },
        ],
      },
    ],
  };
}
