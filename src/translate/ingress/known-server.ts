import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import type { Stored } from '../../store/stored.ts';
import { type Look, notingReading } from '../noting-reading.ts';
import type { OwnedRoute } from '../precedence.ts';
import { isSameList } from '../same-list.ts';
import type { Canary } from './canaries.ts';
import type { FeatureContext } from './feature/feature.ts';
import type { Location, Server } from './location.ts';

/** What a host name puts on a port. */
export interface PlacedServer {
  readonly routes: readonly { readonly host: string; readonly owned: OwnedRoute }[];
  readonly backends: readonly Backend[];
}

/** What a host name is translated with, on one port. */
export interface ServerContext extends FeatureContext {
  /** Whether a host name has rules of its own. */
  readonly isKnown: (host: string) => boolean;
}

/** What was made of a host name, and of what. */
interface Known {
  readonly context: Fixed;
  /** Whether all that was looked up would be found again. */
  readonly holds: (now: ServerContext) => boolean;
  readonly placed: PlacedServer;
  readonly diagnostics: readonly Diagnostic[];
}

/** By the Ingress that names the host first, then by the port and the host. */
const knownServers = new WeakMap<Stored<'Ingress'>, Map<string, Known>>();

/**
 * What a host name puts on a port: the same as in the build before where its Ingresses are the same and all that they ask for would be
 * given to them again. What was wrong is said again. So a change costs what the host names cost that it touches.
 * @param port unique among all ports.
 * @param make translates it. All that it learns it learns from the context that it is given.
 */
export function knownServer(port: string, context: ServerContext, make: (context: ServerContext) => PlacedServer): PlacedServer {
  const { server, report } = context;
  const ofIngress = knownServers.get(server.first.ingress) ?? new Map<string, Known>();
  knownServers.set(server.first.ingress, ofIngress);
  const key = `${port} ${server.host} ${server.authority ?? ''}`;
  const before = ofIngress.get(key);
  if (before && isSameContext(before.context, context) && before.holds(context)) {
    before.diagnostics.forEach(report);
    return before.placed;
  }
  const looks: Look<ServerContext>[] = [];
  const diagnostics: Diagnostic[] = [];
  const placed = make({
    ...noting(context, looks),
    report(one) {
      diagnostics.push(one);
      report(one);
    },
  });
  const holds = (now: ServerContext): boolean => looks.every((isFoundAgain) => isFoundAgain(now));
  ofIngress.set(key, { context: fixedOf(context), holds, placed, diagnostics });
  return placed;
}

/** Functions and what is asked by them: every look is noted. */
type LookedUp = 'view' | 'resolver' | 'traffic' | 'canaryOf' | 'report' | 'collect';
/** What follows from the controller. */
type OfController = 'blocking' | 'logWords';

/** What holds for the whole host name, and is compared. */
type Fixed = Omit<FeatureContext, LookedUp | OfController>;

/** All of it: what a context holds besides has to be one of the above. */
const isSame: { readonly [Field in keyof Fixed]: (a: Fixed[Field], b: Fixed[Field]) => boolean } = {
  controller: Object.is,
  scheme: Object.is,
  hasTls: Object.is,
  authz: (a, b) => a.address === b.address && a.sealing === b.sealing,
  server: isSameServer,
  clientAddress: isDeepStrictEqual,
  clientCheck: isDeepStrictEqual,
  proxyHeaders: isDeepStrictEqual,
};
const fixedFields = Object.keys(isSame) as readonly (keyof Fixed)[];

// Nothing else of a context stays: it holds the objects of its build.
function fixedOf(context: Fixed): Fixed {
  return Object.fromEntries(fixedFields.map((field) => [field, context[field]])) as unknown as Fixed;
}

function isSameContext(a: Fixed, b: Fixed): boolean {
  const isSameField = <Field extends keyof Fixed>(field: Field): boolean => isSame[field](a[field], b[field]);
  return fixedFields.every(isSameField);
}

function isSameServer(a: Server, b: Server): boolean {
  return (
    a.usesRegex === b.usesRegex &&
    a.order === b.order &&
    isSameList(a.hostField, b.hostField) &&
    a.locations.length === b.locations.length &&
    a.locations.every((location, index) => isSameLocation(location, b.locations[index]))
  );
}

function isSameLocation(a: Location, b: Location | undefined): boolean {
  return (
    b !== undefined &&
    a.ingress === b.ingress &&
    a.reading === b.reading &&
    a.path === b.path &&
    a.pathType === b.pathType &&
    a.backendNamespace === b.backendNamespace &&
    isSameList(a.backendField, b.backendField) &&
    isDeepStrictEqual(backendsOf(a), backendsOf(b))
  );
}

const backendsOf = ({ backend, others = [] }: Location) => [backend, ...others.map((one) => one.backend)];

/** The same context; what is looked up in it is noted. */
function noting(context: ServerContext, looks: Look<ServerContext>[]): ServerContext {
  const { traffic, canaryOf, isKnown } = context;
  return {
    ...context,
    ...notingReading(context, looks),
    traffic: {
      ...traffic,
      policies: {
        ...traffic.policies,
        of(target) {
          const given = traffic.policies.of(target);
          looks.push((now) => now.traffic.policies.of(target) === given);
          return given;
        },
      },
    },
    canaryOf(location) {
      const given = canaryOf(location);
      looks.push((now) => isSameCanary(given, now.canaryOf(location)));
      return given;
    },
    isKnown(host) {
      const given = isKnown(host);
      looks.push((now) => now.isKnown(host) === given);
      return given;
    },
  };
}

function isSameCanary(a: Canary | undefined, b: Canary | undefined): boolean {
  if (!a || !b) return a === b;
  return a.ingress === b.ingress && a.reading === b.reading && a.backend === b.backend && isDeepStrictEqual(a.config, b.config);
}
