import { formatAddress } from '../address.ts';
import { decode } from '../proto/codec.ts';
import { messageNameOf, type Resource, type ResourceMap } from '../resource.ts';
import type { Work } from '../work.ts';

/** A cluster whose endpoints differ. */
export interface EndpointChange {
  readonly cluster: string;
  /** Addresses. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Those whose weight, health or zone differs. */
  readonly changed: readonly string[];
  readonly before: number;
  readonly after: number;
  /** The part of the weight that both have in common, 0 to 1: what consistent hashing leaves where it was. */
  readonly kept: number;
}

/** The endpoints of clusters that both sides have. */
export function* endpointChanges(before: ResourceMap, after: ResourceMap): Work<readonly EndpointChange[]> {
  const found: EndpointChange[] = [];
  for (const [cluster, next] of after) {
    const old = before.get(cluster);
    if (!old || old.version === next.version) continue;
    found.push(endpointChange(cluster, endpointsOf(old), endpointsOf(next)));
    yield;
  }
  return found.sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
}

interface Endpoint {
  readonly weight: number;
  /** All that is said of it. */
  readonly text: string;
}

type Endpoints = ReadonlyMap<string, Endpoint>;

function endpointChange(cluster: string, before: Endpoints, after: Endpoints): EndpointChange {
  const all = [...new Set([...before.keys(), ...after.keys()])];
  const weight = (endpoints: Endpoints, address: string): number => endpoints.get(address)?.weight ?? 0;
  const common = all.reduce((sum, one) => sum + Math.min(weight(before, one), weight(after, one)), 0);
  const either = all.reduce((sum, one) => sum + Math.max(weight(before, one), weight(after, one)), 0);
  return {
    cluster,
    added: all.filter((one) => !before.has(one)),
    removed: all.filter((one) => !after.has(one)),
    changed: all.filter((one) => before.has(one) && after.has(one) && before.get(one)?.text !== after.get(one)?.text),
    before: before.size,
    after: after.size,
    kept: either === 0 ? 1 : common / either,
  };
}

function endpointsOf({ bytes }: Resource): Endpoints {
  const { endpoints = [] } = decode(messageNameOf('endpoints'), bytes);
  return new Map(
    endpoints.flatMap(({ locality, lb_endpoints = [] }) =>
      lb_endpoints.map((one): [string, Endpoint] => {
        const { address = '', port_value = 0 } = one.endpoint?.address?.socket_address ?? {};
        return [formatAddress({ host: address, port: port_value }), { weight: one.load_balancing_weight?.value ?? 1, text: JSON.stringify([locality, one]) }];
      }),
    ),
  );
}
