import type { Settings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import type { ProvisionedEnvoys } from '../translate/gateway-settings.ts';
import type { ProvisioningConfig } from './config.ts';
import { deploymentSpec } from './deployment.ts';
import { type Manifest, type ManifestKind, manifestKinds, sealed } from './manifest.ts';
import { certificateSecret, gatewayService, labelsOf, selectorOf } from './names.ts';
import { networkPolicySpec } from './network-policy.ts';
import { serviceSpec } from './service.ts';

/** What the objects of a Gateway are made of. */
export interface GatewayObjectsOptions {
  /** From a cluster: it has a uid. */
  readonly gateway: Stored<'Gateway'>;
  /** What its GatewayConfig says. */
  readonly envoys: ProvisionedEnvoys;
  readonly config: ProvisioningConfig;
  readonly settings: Pick<Settings, 'httpPort' | 'httpsPort'>;
  /** Files of the certificate of its group by name, as `sluice certificates` makes them. Undefined: there is none yet, and pods wait for it. */
  readonly certificate: Readonly<Record<string, string>> | undefined;
}

/**
 * The objects that are made for a Gateway whose GatewayConfig asks for Envoys of its own, all in its namespace. They belong to it:
 * Kubernetes deletes them with it. A listener that comes or goes changes the Service and the NetworkPolicy alone, so that no Envoy ends for it.
 */
export function gatewayObjects(options: GatewayObjectsOptions): readonly Manifest[] {
  const { gateway, envoys, config, certificate } = options;
  const { name } = gatewayService(gateway);
  const make = (kind: ManifestKind, content: object, { named = name, annotations = {} } = {}): Manifest =>
    sealed({ apiVersion: manifestKinds[kind].apiVersion, kind, metadata: metadataOf(gateway, named, annotations), ...content });
  const service = serviceSpec(options);
  const { disruptionBudget } = config.envoy;
  return [
    make('ServiceAccount', { automountServiceAccountToken: false }),
    ...(certificate ? [make('Secret', { type: 'Opaque', data: base64Of(certificate) }, { named: certificateSecret(gateway).name })] : []),
    ...(service ? [make('Service', { spec: service }, { annotations: config.envoy.service.annotations })] : []),
    ...(config.networkPolicy ? [make('NetworkPolicy', { spec: networkPolicySpec(options) })] : []),
    make('Deployment', { spec: deploymentSpec(gateway, envoys, config) }),
    ...(Object.keys(disruptionBudget).length > 0
      ? [make('PodDisruptionBudget', { spec: { ...disruptionBudget, selector: { matchLabels: selectorOf(gateway) } } })]
      : []),
  ];
}

function metadataOf(gateway: Stored<'Gateway'>, name: string, annotations: Readonly<Record<string, string>>): Manifest['metadata'] {
  const { apiVersion, metadata, spec } = gateway.object;
  return {
    name,
    namespace: gateway.namespace,
    labels: labelsOf(gateway),
    annotations: { ...annotations, ...spec.infrastructure?.annotations },
    ownerReferences: [{ apiVersion, kind: 'Gateway', name: gateway.name, uid: metadata.uid ?? '', controller: true }],
  };
}

const base64Of = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, 'utf8').toString('base64')]));
