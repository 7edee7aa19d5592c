import { isDeepStrictEqual } from 'node:util';
import type { CanaryOf } from '../../translate/ingress/canaries.ts';
import type { Location, ReadIngress, Server } from '../../translate/ingress/location.ts';
import { upstreamFamilies } from '../../translate/ingress/upstreams.ts';
import type { Scene } from '../scene.ts';
import { policyOf } from './counterpart/services.ts';
import { portOf, type Written } from './host.ts';

/** A use of a port of a Service, by a location or its canary. */
interface Use {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** What a BackendPolicy would say for it. */
  readonly spec: Written;
  /** How its Ingress has endpoints chosen: the oldest decides for all, so that none that asks for another way may leave the others. */
  readonly choice: readonly unknown[];
}

/** Of each Service and port, by their key, how it is used. */
export type Uses = ReadonlyMap<string, readonly Use[]>;

/** How Services are used by all host names, by those too that stay Ingresses: a BackendPolicy holds for whoever uses the Service. */
export function usesOfServices(servers: readonly Server[], canaryOf: CanaryOf, scene: Scene): Uses {
  const uses = servers.flatMap(({ locations }) => locations.flatMap((location) => usesOf(location, canaryOf, scene)));
  return Map.groupBy(uses, keyOf);
}

/** Why what a location wants of its Services cannot be said for all who use them. Undefined: it can. */
export function servicesObstacle(location: Location, canaryOf: CanaryOf, uses: Uses, scene: Scene): string | undefined {
  for (const use of usesOf(location, canaryOf, scene)) {
    const { namespace, service, spec, choice } = use;
    const others = uses.get(keyOf(use)) ?? [];
    const isDisputed = others.some((other) => !isDeepStrictEqual(other.choice, choice) || (!isNothing(spec) && !isDeepStrictEqual(other.spec, spec)));
    if (isDisputed) return `not all Ingresses want the same of the Service ${service}`;
    if (isNothing(spec)) continue;
    if (isTaken(namespace, service, scene)) return `the Service ${service} has a BackendPolicy, or routes of Gateway API`;
  }
  return undefined;
}

/** The BackendPolicies for locations that move. */
export function servicePolicies(locations: readonly Location[], canaryOf: CanaryOf, scene: Scene): readonly Written[] {
  const uses = locations.flatMap((location) => usesOf(location, canaryOf, scene)).filter(({ spec }) => !isNothing(spec));
  return [...Map.groupBy(uses, keyOf).values()].flatMap(([use]) => (use ? [written(use)] : []));
}

function written({ namespace, service, port, spec }: Use): Written {
  return {
    apiVersion: 'gateway.sluice.dev/v1alpha1',
    kind: 'BackendPolicy',
    metadata: { name: `${service}-${port}`, namespace },
    spec: { targetRefs: [{ group: '', kind: 'Service', name: service, sectionName: String(port) }], ...spec },
  };
}

function usesOf(location: Location, canaryOf: CanaryOf, scene: Scene): readonly Use[] {
  const canary = canaryOf(location);
  return [location, ...(canary ? [canary] : [])].flatMap((one) => useOf(one, location, scene));
}

function useOf({ ingress, reading, backend }: ReadIngress & Pick<Location, 'backend'>, location: Location, scene: Scene): readonly Use[] {
  const { namespace } = ingress;
  const port = portOf(namespace, backend, scene);
  if (!backend.service || port === undefined) return [];
  const choice = upstreamFamilies.map((family) => reading.of<unknown>(family));
  return [{ namespace, service: backend.service.name, port, spec: policyOf(reading, location.reading), choice }];
}

function keyOf({ namespace, service, port }: Use): string {
  return `${namespace}/${service}/${port}`;
}

function isNothing(spec: Written): boolean {
  return Object.keys(spec).length === 0;
}

/** Whether others than Ingresses say, or rely on, how a Service is spoken to. */
function isTaken(namespace: string, service: string, { view }: Scene): boolean {
  const hasPolicy = view
    .list('BackendPolicy')
    .some((policy) => policy.namespace === namespace && policy.object.spec.targetRefs.some(({ kind, name }) => kind === 'Service' && name === service));
  return (
    hasPolicy ||
    [...view.list('HTTPRoute'), ...view.list('GRPCRoute')].some((route) =>
      (route.object.spec.rules ?? []).some(({ backendRefs = [] }) =>
        backendRefs.some((ref) => ref.name === service && (ref.namespace ?? route.namespace) === namespace),
      ),
    )
  );
}
