import type { ForwardAction, ValueMatch, WeightedBackend } from '../../../ir/route.ts';
import { annotationOrigin } from '../../../nginx/annotation-origin.ts';
import { checkRegex, quoted } from '../../regex.ts';
import { serviceBackend } from '../backend-action.ts';
import type { Canary } from '../canaries.ts';
import type { Feature, FeatureContext, LocationRoute } from './feature.ts';

/**
 * A canary takes a part of the requests: where the header says so, else where the cookie says so, else by its weight. What stands first
 * decides alone; what says nothing leaves it to the next. Without a canary that can be reached all stay with the main Service.
 */
export const canary: Feature = (routes, location, context) => {
  const found = context.canaryOf(location);
  const served = found && serviceBackend(found, context);
  if (!found || !served) return routes;
  const share = { ...served.share, origins: [found.ingress.origin(found.backendField)] };
  return routes.flatMap((route) => (route.action.type === 'forward' ? splitRoutes(route, route.action, found, share, context) : [route]));
};

function splitRoutes(
  route: LocationRoute,
  action: ForwardAction,
  { ingress, config: { weight, weightTotal, header, cookie } }: Canary,
  share: Omit<WeightedBackend, 'weight'>,
  { controller, report }: FeatureContext,
): readonly LocationRoute[] {
  const [main] = action.backends;
  if (!main || share.cluster === main.cluster) return [route];
  const shares = (canaryWeight: number, total: number): LocationRoute['action'] => ({
    ...action,
    backends: [
      { ...main, weight: total - canaryWeight, isMain: true },
      { ...share, weight: canaryWeight },
    ],
  });
  const decided = (condition: ValueMatch, isCanary: boolean): LocationRoute => ({
    ...route,
    match: { ...route.match, headers: [...route.match.headers, condition] },
    action: isCanary ? shares(1, 1) : action,
  });
  const byHeader = (): readonly LocationRoute[] => {
    if (!header) return [];
    const name = header.name.toLowerCase();
    if (header.value !== undefined) return [decided({ name, type: 'exact', value: header.value }, true)];
    if (header.pattern === undefined) return alwaysOrNever((value) => decided({ name, type: 'exact', value }, value === 'always'));
    const value = `.*(?:${header.pattern}).*`;
    const at = () => annotationOrigin(ingress, controller, 'canary-by-header-pattern');
    return checkRegex(value, at, report) ? [decided({ name, type: 'regex', value }, true)] : [];
  };
  const byCookie =
    cookie === undefined
      ? []
      : alwaysOrNever((value) => decided({ name: 'cookie', type: 'regex', value: `(.*;\\s*)?(?i:${quoted(cookie)})=${value}(;.*)?` }, value === 'always'));
  const byWeight = weight <= 0 ? route : { ...route, action: shares(Math.min(weight, weightTotal), weightTotal) };
  return [...byHeader(), ...byCookie, byWeight];
}

function alwaysOrNever(routeOf: (value: 'always' | 'never') => LocationRoute): readonly LocationRoute[] {
  return [routeOf('always'), routeOf('never')];
}
