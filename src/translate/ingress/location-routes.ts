import type { Route } from '../../ir/route.ts';
import type { createRouteNamer } from '../route-name.ts';
import { backendAction } from './backend-action.ts';
import type { FeatureContext, LocationRoute } from './feature/feature.ts';
import { features } from './feature/index.ts';
import type { Location } from './location.ts';
import { locationMatch } from './location-match.ts';

/** The routes of a location on one of the two ports, in the order in which they are tried. What no path takes has none where nothing is said of it. */
export function locationRoutes(location: Location, context: FeatureContext, nameOf: ReturnType<typeof createRouteNamer>): readonly Route[] {
  const { ingress, field, reading } = location;
  const match = locationMatch(context.server, location);
  const origins = [ingress.origin(field)];
  const named = (route: LocationRoute): Route => ({ ...route, name: nameOf(route.match, context.server.host, false), origins });
  if (reading.denied) return [named({ match, action: { type: 'respond', status: 503 } })];
  const plain: LocationRoute = { match, action: location.isRest ? notFound : backendAction(location, context) };
  const routes = features.reduce<readonly LocationRoute[]>((all, feature) => feature(all, location, context), [plain]);
  return location.isRest && routes.every(isPlain) ? [] : routes.map(named);
}

const notFound = { type: 'respond', status: 404 } as const;

/** Whether Envoy does the same without it. */
function isPlain({ action, ...rest }: LocationRoute): boolean {
  return action === notFound && Object.keys(rest).every((key) => key === 'match');
}
