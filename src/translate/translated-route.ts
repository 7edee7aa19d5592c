import type { Diagnostic, Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Route } from '../ir/route.ts';
import { type RouteObject, referredService } from './backend-reference.ts';
import { grpcRouteRoutes } from './grpc-route.ts';
import { httpRouteRoutes } from './http-route.ts';
import { type Look, notingReading } from './noting-reading.ts';
import type { Reading } from './route-context.ts';
import type { Rule } from './route-rule.ts';
import { isSameList } from './same-list.ts';
import type { TrafficPolicies, TrafficPolicy } from './traffic/policies.ts';

/** The routes of an object, and the backends that they may choose. */
export interface TranslatedRoute {
  readonly routes: readonly Route[];
  readonly backends: readonly Backend[];
}

/** What was made of a route, and of what else. */
interface Known {
  readonly around: readonly TrafficPolicy[];
  /** Those of the route, of its rules and of its Services. */
  readonly policies: readonly TrafficPolicy[];
  readonly looks: readonly Look[];
  readonly translated: TranslatedRoute;
}

/** By the object, then by the names of the policies around it. Only where nothing was wrong, as that is said anew with every build. */
const known = new WeakMap<RouteObject, Map<string, Known>>();

/**
 * The routes of an HTTPRoute or GRPCRoute. The same ones as in the build before where the object is the same and all that it
 * asks for would be given to it again: of thousands of routes most are.
 * @param around TrafficPolicies of the listener and its Gateway, the strongest first.
 */
export function translatedRoute(route: RouteObject, reading: Reading, around: readonly TrafficPolicy[], report: Report): TranslatedRoute {
  const key = around.map(({ namespace, name }) => `${namespace}/${name}`).join(' ');
  const ofRoute = known.get(route);
  const before = ofRoute?.get(key);
  const policies = policiesOf(reading.policies, route);
  const isSame = before && isSameList(before.around, around) && isSameList(before.policies, policies);
  if (isSame && before.looks.every((isFoundAgain) => isFoundAgain(reading))) return before.translated;
  const looks: Look[] = [];
  let isFlawed = false;
  const backends = new Map<string, Backend>();
  const context = {
    ...notingReading(reading, looks),
    traffic: { policies: reading.policies, around },
    report(one: Diagnostic) {
      isFlawed = true;
      report(one);
    },
    collect: (backend: Backend) => void backends.set(backend.name, backend),
  };
  const routes = route.kind === 'HTTPRoute' ? httpRouteRoutes(route, context) : grpcRouteRoutes(route, context);
  // Exactly as long as it is: a list that grew has room that nobody needs.
  const translated = { routes: routes.slice(), backends: [...backends.values()] };
  if (isFlawed) ofRoute?.delete(key);
  else known.set(route, (ofRoute ?? new Map<string, Known>()).set(key, { around, policies, looks, translated }));
  return translated;
}

const none: readonly TrafficPolicy[] = [];

function policiesOf(policies: TrafficPolicies, route: RouteObject): readonly TrafficPolicy[] {
  if (policies.isEmpty) return none;
  const { kind, namespace, name } = route;
  const rules: readonly Pick<Rule, 'name' | 'backendRefs'>[] = route.object.spec.rules ?? [];
  const services = rules.flatMap(({ backendRefs = [] }) => backendRefs.flatMap((ref) => referredService(route, ref) ?? []));
  const targets = [
    { kind, namespace, name },
    ...rules.flatMap((rule) => (rule.name === undefined ? [] : { kind, namespace, name, section: rule.name })),
    ...services.map((service) => ({ kind: 'Service' as const, ...service })),
  ];
  const found = targets.map((target) => policies.of(target)).filter((policy) => policy !== undefined);
  return found.length === 0 ? none : found;
}
