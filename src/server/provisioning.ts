import type { Diagnostic } from '../diagnostic.ts';
import type { ProvisioningConfig } from '../provision/config.ts';
import { knownGateways, provisioningOff } from '../provision/gateways.ts';
import type { Provisioner, ProvisionerOptions } from '../provision/provisioner.ts';
import type { ClusterWriter, WriterContext } from '../writing/cluster-writes.ts';

/** The Envoys that are made for Gateways. */
export interface Provisioning {
  /** None where none are made. */
  writers(context: WriterContext): readonly ClusterWriter[];
  /** `ProvisioningOff`, and of the replica that writes `ProvisioningFailed`. */
  diagnostics(): readonly Diagnostic[];
  /** Where clients find the Envoys of each Gateway, by uid, as far as it is known. */
  addresses(): ReadonlyMap<string, readonly string[]>;
}

/** @param config undefined: none are made. */
export async function openProvisioning(
  config: ProvisioningConfig | undefined,
  options: Omit<ProvisionerOptions, 'config' | keyof WriterContext>,
): Promise<Provisioning> {
  const known = knownGateways(options.store.view);
  const off = (): readonly Diagnostic[] => provisioningOff(known(), config !== undefined);
  if (!config) return { writers: () => [], diagnostics: off, addresses: () => new Map() };
  // Loaded when it is needed: it makes certificates.
  const { createProvisioner } = await import('../provision/provisioner.ts');
  let provisioner: Provisioner | undefined;
  return {
    writers(context) {
      provisioner = createProvisioner({ ...context, ...options, config });
      return [provisioner];
    },
    diagnostics: () => [...off(), ...(provisioner?.diagnostics() ?? [])],
    addresses: () => provisioner?.addresses() ?? new Map(),
  };
}
