import type { Diagnostic, Report } from '../diagnostic.ts';
import type { Backend } from '../ir/backend.ts';
import type { Route } from '../ir/route.ts';
import type { Kind } from '../kind/index.ts';
import type { StoreView } from '../store/view.ts';
import type { BackendResolver } from './backend.ts';
import type { RouteObject } from './backend-reference.ts';
import { grpcRouteRoutes } from './grpc-route.ts';
import { httpRouteRoutes } from './http-route.ts';

/** The routes of an object, and the backends that they may choose. */
export interface TranslatedRoute {
  readonly routes: readonly Route[];
  readonly backends: readonly Backend[];
}

interface Reading {
  readonly view: StoreView;
  readonly resolver: BackendResolver;
}

/** Something that a translation asked for, and what it was given. */
interface Asked {
  readonly again: (reading: Reading) => unknown;
  readonly given: unknown;
}

/** By the object: what was made of it, and of what else. Only where nothing was wrong, as that is said anew with every build. */
const known = new WeakMap<RouteObject, { readonly asked: readonly Asked[]; readonly translated: TranslatedRoute }>();

/**
 * The routes of an HTTPRoute or GRPCRoute. The same ones as in the build before where the object is the same and all that it
 * asks for would be given to it again: of thousands of routes most are.
 */
export function translatedRoute(route: RouteObject, reading: Reading, report: Report): TranslatedRoute {
  const before = known.get(route);
  if (before?.asked.every(({ again, given }) => again(reading) === given)) return before.translated;
  const asked: Asked[] = [];
  let isFlawed = false;
  const backends = new Map<string, Backend>();
  const context = {
    ...noting(reading, asked),
    report(one: Diagnostic) {
      isFlawed = true;
      report(one);
    },
    collect: (backend: Backend) => void backends.set(backend.name, backend),
  };
  const routes = route.kind === 'HTTPRoute' ? httpRouteRoutes(route, context) : grpcRouteRoutes(route, context);
  // Exactly as long as it is: a list that grew has room that nobody needs.
  const translated = { routes: routes.slice(), backends: [...backends.values()] };
  if (isFlawed) known.delete(route);
  else known.set(route, { asked, translated });
  return translated;
}

/** The same to read from; what is asked for is noted. */
function noting({ view, resolver }: Reading, asked: Asked[]): Reading {
  const note = <Given>(given: Given, again: Asked['again']): Given => {
    asked.push({ again, given });
    return given;
  };
  return {
    view: {
      get: <K extends Kind>(kind: K, namespace: string, name: string) => note(view.get(kind, namespace, name), (now) => now.view.get(kind, namespace, name)),
      list: <K extends Kind>(kind: K) => note(view.list(kind), (now) => now.view.list(kind)),
      endpointSlices: (namespace, service) => note(view.endpointSlices(namespace, service), (now) => now.view.endpointSlices(namespace, service)),
    },
    resolver: {
      resolve: (ref, options) => note(resolver.resolve(ref, options), (now) => now.resolver.resolve(ref, options)),
      secrets: (backend) => note(resolver.secrets(backend), (now) => now.resolver.secrets(backend)),
    },
  };
}
