import { isIP } from 'node:net';
import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Backend, Endpoint, EndpointSet } from '../ir/backend.ts';
import type { Life } from '../ir/life.ts';
import type { ObjectOf } from '../kind/index.ts';
import { memoized } from '../memo/memoized.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';

type Slice = ObjectOf<'EndpointSlice'>;
type ServiceEndpoints = Extract<Backend['endpoints'], { readonly type: 'service' }>;
type SliceEndpoint = NonNullable<Slice['endpoints']>[number];

/** The set of a Service's port for as long as its slices are the same: a build asks twice, and the next build again. */
const setsBySlices = new WeakTable<readonly Stored<'EndpointSlice'>[], string, EndpointSet>();

/**
 * The endpoints of a backend now, sorted by address and port, so that the order of slices makes no difference.
 * The same object for the same array of slices.
 * Undefined where the endpoints are part of the cluster: names, which Envoy resolves itself, and the application beside a sidecar.
 *
 * Of a Service: those that are ready are healthy, those that end but still serve are draining, all others are not there.
 * If none is ready, those that still serve count as healthy (promise 10).
 */
export function endpointSet(view: StoreView, backend: Pick<Backend, 'name' | 'endpoints'>): EndpointSet | undefined {
  const { endpoints: from } = backend;
  if (from.type !== 'static' && from.type !== 'service') return undefined;
  if (from.type === 'static') {
    const object = view.get('Backend', from.namespace, from.backend);
    const endpoints = (object?.object.spec.endpoints ?? []).map((one) => fixedEndpoint(one, from.port));
    return { cluster: backend.name, endpoints: sorted(endpoints), origins: object ? [object.origin()] : [] };
  }
  const slices = view.endpointSlices(from.namespace, from.service);
  return setsBySlices.getOrMake(slices, `${backend.name} ${from.port}`, () => setOfSlices(backend.name, slices, from));
}

function setOfSlices(cluster: string, slices: readonly Stored<'EndpointSlice'>[], { port, isUdp }: ServiceEndpoints): EndpointSet {
  const endpoints = slices.flatMap(({ object }) => endpointsOfSlice(object, port, isUdp ? 'UDP' : 'TCP'));
  return { cluster, endpoints: sorted(revived(endpoints)), origins: slices.map((slice) => slice.origin()) };
}

/** How much life is in a backend now. */
export function lifeOf(view: StoreView, backend: Pick<Backend, 'name' | 'endpoints'>): Life {
  const endpoints = endpointSet(view, backend)?.endpoints;
  if (endpoints?.length === 0) return 'none';
  return endpoints?.every(({ isEnding }) => isEnding) ? 'ending' : 'ready';
}

/**
 * Gives `UnsupportedAddressType` and `InvalidEndpoint` for slices of the backend's Service, and `NoEndpoints` where nothing is
 * left to send requests to. Apart from `endpointSet`, which runs at every change of an endpoint and has nobody to tell.
 * @param at the Service.
 */
export function reportEndpoints(view: StoreView, backend: Backend, at: Origin, report: Report): void {
  const { endpoints: from } = backend;
  if (from.type !== 'service') return;
  const slices = view.endpointSlices(from.namespace, from.service);
  for (const slice of slices) if (isFlawed(slice)) reportSlice(slice, report);
  if (endpointSet(view, backend)?.endpoints.length !== 0) return;
  const port = from.port === '' ? '' : ` for its port ${from.port}`;
  const message =
    slices.length === 0
      ? `Service ${from.namespace}/${from.service} has no EndpointSlice, so requests to it are answered with 503.`
      : `No EndpointSlice of Service ${from.namespace}/${from.service} has a ready endpoint${port}, so requests to it are answered with 503.`;
  const remedy =
    slices.length === 0
      ? `Write an EndpointSlice with the label \`kubernetes.io/service-name: ${from.service}\`, or start pods that the Service selects.`
      : 'Look whether the endpoints are ready, and whether the slices name the port as the Service does.';
  report(diagnostic('NoEndpoints', at, message, remedy));
}

/** Whether something of a slice cannot be used; found once for each, as every build asks. */
const isFlawed = memoized(({ object: { addressType, endpoints } }: Stored<'EndpointSlice'>): boolean => {
  return addressType === 'FQDN' || (endpoints ?? []).some((one) => one.addresses.some((address) => !isOfType(address, addressType)));
});

function reportSlice(slice: Stored<'EndpointSlice'>, report: Report): void {
  const { addressType, endpoints } = slice.object;
  if (addressType === 'FQDN') {
    const message = 'The slice holds host names, so none of its endpoints is used.';
    report(
      diagnostic('UnsupportedAddressType', slice.origin(['addressType']), message, 'Use a Backend with `hostname`, or a Service of the type ExternalName.'),
    );
    return;
  }
  for (const [index, { addresses }] of (endpoints ?? []).entries()) {
    for (const [number, address] of addresses.entries()) {
      if (isOfType(address, addressType)) continue;
      const at = slice.origin(['endpoints', index, 'addresses', number]);
      report(
        diagnostic(
          'InvalidEndpoint',
          at,
          `"${address}" is no ${addressType} address, so it is left out.`,
          `Write an ${addressType} address, or change \`addressType\`.`,
        ),
      );
    }
  }
}

function isOfType(address: string, addressType: Slice['addressType']): boolean {
  const family = isIP(address);
  return family !== 0 && addressType === (family === 4 ? 'IPv4' : 'IPv6');
}

function fixedEndpoint({ address = '', port, weight, zone }: ObjectOf<'Backend'>['spec']['endpoints'][number], portOfReference: number): Endpoint {
  return { address, port: port ?? portOfReference, health: 'healthy', weight: weight ?? 1, ...(zone === undefined ? {} : { zone }) };
}

/**
 * Kubernetes notes here when the Pod or the Service changed that made it write the slice: for an endpoint that is new in it, when it
 * became ready.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time
 */
const lastChange = 'endpoints.kubernetes.io/last-change-trigger-time';

function endpointsOfSlice({ metadata, addressType, ports, endpoints }: Slice, portName: string, transport: 'TCP' | 'UDP'): readonly Endpoint[] {
  const port = (ports ?? []).find(({ name, protocol }) => (name ?? '') === portName && (protocol ?? 'TCP') === transport)?.port;
  if (port === undefined || port === null) return [];
  const lastChangeAt = Date.parse(metadata.annotations?.[lastChange] ?? '');
  const time = Number.isNaN(lastChangeAt) ? {} : { lastChangeAt };
  return (endpoints ?? []).flatMap((endpoint) => {
    const health = healthOf(endpoint);
    if (health === undefined) return [];
    const zone = endpoint.zone ?? endpoint.deprecatedTopology?.['topology.kubernetes.io/zone'];
    // Kubernetes writes one address an endpoint; where a person wrote several, all are meant.
    return endpoint.addresses
      .filter((address) => isOfType(address, addressType))
      .map((address): Endpoint => ({ address, port, health, weight: 1, ...(zone === undefined ? {} : { zone }), ...time }));
  });
}

/** Undefined: not to be used. What is not written counts as Kubernetes says: `ready` is true, `serving` as `ready`. */
function healthOf({ conditions }: SliceEndpoint): Endpoint['health'] | undefined {
  const ready = conditions?.ready ?? true;
  const serving = conditions?.serving ?? ready;
  if (conditions?.terminating) return serving ? 'draining' : undefined;
  return ready ? 'healthy' : undefined;
}

function revived(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.some(({ health }) => health === 'healthy')
    ? endpoints
    : endpoints.map((one) => ({ ...one, health: 'healthy' as const, isEnding: true as const }));
}

/** In order, each address once: where two slices disagree (an endpoint moves between them), the healthy form holds. */
function sorted(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byAddress = new Map<string, Endpoint>();
  for (const one of endpoints) {
    const key = `${one.address} ${one.port}`;
    const known = byAddress.get(key);
    if (!known || (known.health === 'draining' && one.health === 'healthy')) byAddress.set(key, one);
  }
  return [...byAddress.values()].sort((a, b) => (a.address === b.address ? a.port - b.port : a.address < b.address ? -1 : 1));
}
