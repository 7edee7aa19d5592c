import type { Route } from '../../ir/route.ts';
import type { createRouteNamer } from '../route-name.ts';
import { backendAction } from './backend-action.ts';
import type { FeatureContext, LocationRoute } from './feature/feature.ts';
import { features } from './feature/index.ts';
import type { Location } from './location.ts';
import { locationMatch } from './location-match.ts';

/** The routes of a location on one of the two ports, in the order in which they are tried. */
export function locationRoutes(location: Location, context: FeatureContext, nameOf: ReturnType<typeof createRouteNamer>): readonly Route[] {
  const { ingress, field, reading } = location;
  const match = locationMatch(context.server, location);
  const origins = [ingress.origin(field)];
  const named = (route: LocationRoute): Route => ({ ...route, name: nameOf(route.match, context.server.host, false), origins });
  if (reading.denied) return [named({ match, action: { type: 'respond', status: 503 } })];
  const plain: LocationRoute = { match, action: backendAction(location, context) };
  return features.reduce<readonly LocationRoute[]>((routes, feature) => feature(routes, location, context), [plain]).map(named);
}
