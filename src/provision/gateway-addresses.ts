import { addressesOfService, type PublishedService } from '../writing/published-addresses.ts';
import type { Manifest } from './manifest.ts';
import { type Found, ownerOf } from './steps.ts';

/**
 * Where clients find the Envoys that are made for Gateways, by uid of the Gateway: the addresses of its Service, none while that
 * has none. A Gateway whose Service is not there yet is not in it.
 * @param wanted what each Gateway is to have.
 */
export function gatewayAddresses(wanted: ReadonlyMap<string, readonly Manifest[]>, found: readonly Found[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...wanted].flatMap(([uid, manifests]): [string, readonly string[]][] => {
      if (manifests.length === 0) return [];
      const service = manifests.find(({ kind }) => kind === 'Service');
      if (!service) return [[uid, []]];
      const live = found.find(({ kind, object }) => kind === 'Service' && ownerOf(object) === uid && object.metadata.name === service.metadata.name);
      return live ? [[uid, addressesOfService(live.object as PublishedService)]] : [];
    }),
  );
}
