import type { Diagnostic, Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Route } from '../ir/route.ts';
import { WeakTable } from '../memo/weak-table.ts';
import type { RouteObject } from './backend-reference.ts';
import { grpcRouteRoutes } from './grpc-route.ts';
import { httpRouteRoutes } from './http-route.ts';
import { Notes, notingReading } from './noting-reading.ts';
import type { OwnedRoute } from './precedence.ts';
import type { Reading } from './route-context.ts';
import { isSameList } from './same-list.ts';
import type { TrafficPolicy } from './traffic/policies.ts';

/** The routes of an object, and the backends that they may choose. */
export interface TranslatedRoute {
  readonly routes: readonly Route[];
  readonly backends: readonly Backend[];
  /** All that was looked up to make them: keys stand for each of these looks. */
  readonly notes: Notes;
  /** As they stand on ports, by number: kept by who hangs them there. */
  readonly owned: Map<number, readonly OwnedRoute[]>;
}

/** What was made of a route, and of what else. */
interface Known {
  readonly around: readonly TrafficPolicy[];
  readonly translated: TranslatedRoute;
  /** What was wrong, told with every build. */
  readonly diagnostics: readonly Diagnostic[];
}

/** By the object, then by the names of the policies around it. */
const known = new WeakTable<RouteObject, string, Known>();

/**
 * The routes of an HTTPRoute or GRPCRoute. The same ones as in the build before where the object is the same and all that it
 * asks for would be given to it again: of thousands of routes most are.
 * @param around TrafficPolicies of the listener and its Gateway, the strongest first.
 */
export function translatedRoute(route: RouteObject, reading: Reading, around: readonly TrafficPolicy[], report: Report): TranslatedRoute {
  const key = around.map(({ namespace, name }) => `${namespace}/${name}`).join(' ');
  const before = known.get(route, key);
  if (before && isSameList(before.around, around) && before.translated.notes.holds(reading)) {
    before.diagnostics.forEach(report);
    return before.translated;
  }
  const notes = new Notes(reading.changes);
  const diagnostics: Diagnostic[] = [];
  const tell: Report = (one) => {
    diagnostics.push(one);
    report(one);
  };
  const backends = new Map<string, Backend>();
  const { policies, ...looked } = notingReading(reading, notes, tell);
  const context = { ...looked, traffic: { policies, around }, report: tell, collect: (backend: Backend) => void backends.set(backend.name, backend) };
  const routes = route.kind === 'HTTPRoute' ? httpRouteRoutes(route, context) : grpcRouteRoutes(route, context);
  // Exactly as long as it is: a list that grew has room that nobody needs.
  const translated = { routes: routes.slice(), backends: [...backends.values()], notes, owned: new Map() };
  known.set(route, key, { around, translated, diagnostics });
  return translated;
}
