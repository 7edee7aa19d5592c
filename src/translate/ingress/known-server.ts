import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic, Report } from '../../diagnostic.ts';
import type { Backend } from '../../ir/backend.ts';
import { eachOfListAtOnce } from '../../memo/each-of-list.ts';
import { createSlot } from '../../memo/slot.ts';
import { WeakTable } from '../../memo/weak-table.ts';
import type { IngressReading } from '../../nginx/ingress-reading.ts';
import type { Changes } from '../../store/changes.ts';
import type { Stored } from '../../store/stored.ts';
import type { HostBlock } from '../group-port.ts';
import { leftBehind } from '../left-behind.ts';
import { type Look, Notes, notingReading } from '../noting-reading.ts';
import type { OwnedRoute } from '../precedence.ts';
import type { Reading } from '../route-context.ts';
import { isSameList } from '../same-list.ts';
import { sameRoute } from '../same-route.ts';
import { type Canary, noCanaries } from './canaries.ts';
import type { FeatureContext, IngressPort } from './feature/feature.ts';
import type { Location, Server } from './location.ts';
import { ownReading, type UpstreamReadingOf } from './upstreams.ts';

/** What was made of a host name. */
export interface Placed {
  readonly routes: readonly { readonly host: string; readonly owned: OwnedRoute }[];
  readonly backends: readonly Backend[];
}

/** What a host name puts on a port. */
interface PlacedServer {
  /** Its routes by the host name that they stand under, nearly always its own. */
  readonly blocks: readonly HostBlock[];
  readonly backends: readonly Backend[];
}

/** What is translated. */
export type Facts = Pick<FeatureContext, 'server' | 'hasTls' | 'clientCheck'>;

/** What holds for all host names. */
export interface Shared extends Pick<FeatureContext, 'controller' | 'authz' | 'proxyHeaders' | 'blocking' | 'logWords'> {
  /** Whether any location has a canary. */
  readonly hasCanaries: boolean;
  /** Whether the Ingress of any location says something of a Service that others name too. */
  readonly sharesUpstreams: boolean;
}

/** What is asked by functions: every look is noted. */
export interface ServerLookups extends Reading, Pick<FeatureContext, 'canaryOf' | 'upstreamReadingOf'> {
  /** Whether a host name has rules of its own. */
  readonly isKnown: (host: string) => boolean;
}

/** What a host name is translated with. */
export interface ServerContext extends FeatureContext, Pick<ServerLookups, 'isKnown'> {}

/** What was made of a host name, and of what. */
export interface Known extends Facts {
  readonly shared: Shared;
  /** Undefined: it was not asked on which port the routes will stand. */
  readonly port: IngressPort | undefined;
  readonly notes: Notes<ServerLookups>;
  readonly placed: PlacedServer;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is known of a host name: for both ports, or for each. */
type Slots = Partial<Record<'both' | IngressPort['scheme'], Known>>;

/** By the Ingress that names the host first, then by the host. */
const byIngress = new WeakTable<Stored<'Ingress'>, string, Slots>();
/** The same by the server itself, as long as this is the same. */
const byServer = createSlot<Server, Slots>();

/**
 * What a host name puts on each port, in their order: the same as in the build before where its Ingresses are the same and all that they ask for would be
 * given to them again. What was wrong is said again. So a change costs what the host names cost that it touches.
 * @param slots what was known of it, and is from now on.
 * @param ports on which it stands.
 * @param make translates it. All that it learns it learns from the context that it is given.
 */
export function knownServer(
  slots: Slots,
  facts: Facts,
  shared: Shared,
  ports: readonly IngressPort[],
  lookups: ServerLookups,
  report: Report,
  make: (context: ServerContext) => Placed,
): readonly Known[] {
  /** What was looked at for another port, and holds for both. */
  let forBoth: Known | undefined;
  return ports.map((port) => {
    const before = slots.both ?? slots[port.scheme];
    if (before && (before === forBoth || isFoundAgain(before, facts, shared, port, lookups))) {
      if (before.diagnostics !== nothing) before.diagnostics.forEach(report);
      forBoth = slots.both;
      return before;
    }
    const known = madeServer(facts, shared, port, lookups, report, make);
    if (known.port) {
      delete slots.both;
      slots[port.scheme] = known;
    } else {
      delete slots.http;
      delete slots.https;
      slots.both = known;
    }
    forBoth = slots.both;
    return known;
  });
}

/** Whether nothing is wrong with it, and keys stand for all that was looked up for it. */
export function isSettled({ diagnostics, notes }: Known): boolean {
  return diagnostics === nothing && notes.haveKeys();
}

function isFoundAgain(before: Known, facts: Facts, shared: Shared, port: IngressPort, lookups: ServerLookups): boolean {
  return before.shared === shared && isSamePort(before.port, port) && isSameFacts(before, facts) && before.notes.holds(lookups);
}

function madeServer(facts: Facts, shared: Shared, port: IngressPort, lookups: ServerLookups, report: Report, make: (context: ServerContext) => Placed): Known {
  const notes = new Notes<ServerLookups>(lookups.changes);
  const diagnostics: Diagnostic[] = [];
  const tell: Report = (one) => {
    diagnostics.push(one);
    report(one);
  };
  let asked: IngressPort | undefined;
  const askPort = (): IngressPort => {
    asked = port;
    return port;
  };
  const { routes, backends } = make({ ...shared, ...facts, ...noting(lookups, notes, tell), port: askPort, report: tell, collect: () => undefined });
  const placed = { blocks: blocksOf(routes, asked?.scheme ?? 'both'), backends };
  return { ...facts, shared, port: asked, notes, placed, diagnostics: diagnostics.length > 0 ? diagnostics : nothing };
}

const nothing: readonly Diagnostic[] = [];

/** What is known of each host name. */
export const slotsOfServers = eachOfListAtOnce(slotsOf);

function slotsOf(server: Server): Slots {
  const own = byServer.get(server);
  if (own) return own;
  const slots = byIngress.getOrMake(server.first.ingress, `${server.host} ${server.authority ?? ''}`, () => ({}));
  byServer.set(server, slots);
  return slots;
}

/** Routes are made anew when anything of their host name changes: what says the same stays the same. */
function blocksOf(routes: Placed['routes'], place: string): PlacedServer['blocks'] {
  return [...Map.groupBy(routes, ({ host }) => host)].map(([host, all]) => ({
    host,
    routes: all.map(({ owned }) => ({ ...owned, route: sameRoute(owned.route, owned.owner, `${place} ${host}`) })),
  }));
}

const left = leftBehind<Shared>();

/** What holds for all host names: the very same where it says the same as in the translation before. `blocking` and `logWords` follow from the controller. */
export function sharedByServers(changes: Changes, shared: Shared): Shared {
  const before = left.before(changes);
  const isSame =
    before !== undefined &&
    before.controller === shared.controller &&
    before.hasCanaries === shared.hasCanaries &&
    before.sharesUpstreams === shared.sharesUpstreams &&
    before.authz.address === shared.authz.address &&
    before.authz.sealing === shared.authz.sealing &&
    isDeepStrictEqual(before.proxyHeaders, shared.proxyHeaders);
  return left.leave(changes, isSame ? before : shared);
}

/** @param a undefined: it was not asked. */
export function isSamePort(a: IngressPort | undefined, b: IngressPort): boolean {
  return a === undefined || a === b || (a.scheme === b.scheme && a.number === b.number && isDeepStrictEqual(a.clientAddress, b.clientAddress));
}

function isSameFacts(a: Facts, b: Facts): boolean {
  return (
    a.hasTls === b.hasTls &&
    (a.server === b.server || isSameServer(a.server, b.server)) &&
    (a.clientCheck === b.clientCheck || isDeepStrictEqual(a.clientCheck, b.clientCheck))
  );
}

function isSameServer(a: Server, b: Server): boolean {
  return (
    a.usesRegex === b.usesRegex &&
    a.order === b.order &&
    a.first.reading === b.first.reading &&
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

/** What can be looked up; all of it is noted. */
function noting(
  lookups: ServerLookups,
  notes: Notes<ServerLookups>,
  report: Report,
): Pick<ServerContext, 'view' | 'resolver' | 'traffic' | 'canaryOf' | 'upstreamReadingOf' | 'isKnown'> {
  const { canaryOf, upstreamReadingOf, isKnown } = lookups;
  const { view, resolver, policies } = notingReading(lookups, notes, report);
  return {
    view,
    resolver,
    traffic: { policies, around: [] },
    canaryOf(location) {
      const given = canaryOf(location);
      // Whether there are any at all is known for all host names.
      if (canaryOf !== noCanaries) notes.add(canaryAgain(location, given));
      return given;
    },
    upstreamReadingOf(location) {
      const given = upstreamReadingOf(location);
      if (upstreamReadingOf !== ownReading) notes.add(upstreamReadingAgain(location, given));
      return given;
    },
    isKnown(host) {
      const given = isKnown(host);
      notes.add(knownAgain(host, given));
      return given;
    },
  };
}

function canaryAgain(location: Location, given: Canary | undefined): Look<ServerLookups> {
  return ({ canaryOf }) => isSameCanary(given, canaryOf(location));
}

function upstreamReadingAgain(location: Parameters<UpstreamReadingOf>[0], given: IngressReading): Look<ServerLookups> {
  return ({ upstreamReadingOf }) => upstreamReadingOf(location) === given;
}

function knownAgain(host: string, given: boolean): Look<ServerLookups> {
  return ({ isKnown }) => isKnown(host) === given;
}

function isSameCanary(a: Canary | undefined, b: Canary | undefined): boolean {
  if (!a || !b) return a === b;
  return a.ingress === b.ingress && a.reading === b.reading && a.backend === b.backend && isDeepStrictEqual(a.config, b.config);
}
