import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { gatewayGroup } from '../ir/names.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { gatewaySettings, isOfOther, type ProvisionedEnvoys } from '../translate/gateway-settings.ts';

/** A Gateway that wants Envoys of its own, or, without `envoys`, none. */
export interface KnownGateway {
  readonly gateway: Stored<'Gateway'>;
  readonly envoys: ProvisionedEnvoys | undefined;
}

/**
 * What is known of Gateways. One whose class or GatewayConfig is missing is left out: what was made for it stays, as it may be
 * missing for a moment only. So is one that is being deleted, with which all goes that belongs to it.
 * @returns a function that gives the same list until something changes of what says it.
 */
export function knownGateways(view: StoreView): () => readonly KnownGateway[] {
  let seen: readonly unknown[] = [];
  let known: readonly KnownGateway[] = [];
  return () => {
    const lists = [view.list('Gateway'), view.list('GatewayClass'), view.list('GatewayConfig')];
    if (lists.some((list, index) => list !== seen[index])) {
      seen = lists;
      known = view.list('Gateway').flatMap((gateway) => knownGateway(view, gateway) ?? []);
    }
    return known;
  };
}

function knownGateway(view: StoreView, gateway: Stored<'Gateway'>): KnownGateway | undefined {
  if (gateway.object.metadata.deletionTimestamp) return undefined;
  if (isOfOther(view, gateway)) return { gateway, envoys: undefined };
  // The translation reports the same.
  const settings = gatewaySettings(view, gateway, () => undefined);
  return settings && { gateway, envoys: settings.envoys };
}

/**
 * `ProvisioningOff` for each Gateway that wants Envoys of its own and gets none.
 * @param makes whether this server makes those of the Gateways of a cluster; nobody makes any for those of folders.
 */
export function provisioningOff(known: readonly KnownGateway[], makes: boolean): readonly Diagnostic[] {
  return known.flatMap(({ gateway, envoys }) => {
    if (!envoys || (makes && gateway.object.metadata.uid !== undefined)) return [];
    const group = gatewayGroup(gateway.namespace, gateway.name);
    const message = `Its GatewayConfig asks for Envoys of the Gateway alone, which this server does not make: somebody has to run Envoys of the group ${group}.`;
    return [diagnostic('ProvisioningOff', gateway.origin(), message, 'Set `provisioning.enabled` of the Helm chart, or say `envoys: {mode: Shared}`.')];
  });
}
