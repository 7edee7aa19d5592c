import { type Diagnostic, diagnostic, type Report } from '../../diagnostic.ts';
import { eachOfListAtOnce } from '../../memo/each-of-list.ts';
import { memoized } from '../../memo/memoized.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { nothingRewritten, rewrite } from '../../nginx/family/rewrite.ts';
import { serviceSplit } from '../../nginx/family/service-split.ts';
import type { Family } from '../../nginx/family.ts';
import type { Changes } from '../../store/changes.ts';
import type { FieldPath, Stored } from '../../store/stored.ts';
import { leftBehind } from '../left-behind.ts';
import { compareOwners } from '../precedence.ts';
import { withAliases } from './aliases.ts';
import type { IngressBackend, Location, ReadIngress, Server } from './location.ts';
import { authorityRegex } from './location-regex.ts';
import type { ReadIngresses } from './read-ingresses.ts';
import { withExpressions } from './server-regex.ts';

/**
 * The host names of all Ingresses with their paths, as ingress-nginx puts them together: who is older has a path. `spec.defaultBackend`
 * takes what the Ingress's own host names have no path for, where it is the oldest that names them; if it has no rules every host name, whoever is older.
 * Gives `MatchShadowed`.
 * @param ingresses oldest first.
 * @see https://kubernetes.github.io/ingress-nginx/how-it-works/#building-the-nginx-model
 */
export function serversOf(ingresses: readonly ReadIngress[], report: Report): readonly Server[] {
  return told('written', writtenServers(ingresses), report);
}

function writtenServers(ingresses: readonly ReadIngress[]): readonly WrittenServer[] {
  return [...byHost(ingresses)].map(([host, naming]) => writtenServer(host, naming));
}

/** The same, but host names that no Ingress names of those which changed are taken from the translation before. */
export function knownServers({ mains, change }: Pick<ReadIngresses, 'mains' | 'change'>, changes: Changes, report: Report): readonly Server[] {
  const before = left.before(changes);
  const known = left.leave(changes, before && change ? changedServers(before, change) : placed(writtenServers(mains())));
  return told('written', known.servers, report);
}

function changedServers({ servers, places }: Placed, { gone, come }: NonNullable<ReadIngresses['change']>): Placed {
  const touched = byHost([...gone, ...come]);
  const [isGone, isNew] = [new Set(gone), new Set(come)];
  const anew = new Map<string, WrittenServer>();
  let isInPlace = true;
  for (const [host, naming] of touched) {
    const old = servers[places.get(host) ?? -1];
    const now = [...(old?.naming ?? []).filter((one) => !isGone.has(one)), ...naming.filter((one) => isNew.has(one))];
    const next = now.length > 0 ? writtenServer(host, now.sort(byAge)) : undefined;
    if (next) anew.set(host, next);
    isInPlace &&= old !== undefined && next !== undefined && byFirst(old, next) === 0;
  }
  // Mostly none comes, goes or moves, so that they need not be sorted.
  if (!isInPlace) return placed([...servers.filter(({ server }) => !touched.has(server.host)), ...anew.values()].sort(byFirst));
  const next = servers.slice();
  for (const [host, server] of anew) next[places.get(host) ?? -1] = server;
  return { servers: next, places };
}

/** Host names in the order in which they are first named. */
interface Placed {
  readonly servers: readonly WrittenServer[];
  /** Where each stands. */
  readonly places: ReadonlyMap<string, number>;
}

function placed(servers: readonly WrittenServer[]): Placed {
  return { servers, places: new Map(servers.map(({ server }, place) => [server.host, place])) };
}

/** A host name as it is written. */
interface WrittenServer {
  /** The Ingresses that name it, oldest first. */
  readonly naming: readonly ReadIngress[];
  readonly server: Server;
  readonly diagnostics: readonly Diagnostic[];
}

const left = leftBehind<Placed>();

type Told = Omit<WrittenServer, 'naming'>;

const nothing: readonly Diagnostic[] = [];
const serversIn = eachOfListAtOnce(({ server }: Told) => server);
const diagnosticsIn = eachOfListAtOnce(({ diagnostics }: Told) => (diagnostics.length > 0 ? diagnostics : nothing));

/** @param name of the list. */
function told(name: string, list: readonly Told[], report: Report): readonly Server[] {
  for (const diagnostics of diagnosticsIn(name, list)) if (diagnostics !== nothing) diagnostics.forEach(report);
  return serversIn(name, list);
}

const byAge = (a: ReadIngress, b: ReadIngress): number => compareOwners(a.ingress, b.ingress);

/** In the order in which host names are first named. */
function byFirst({ server: a }: WrittenServer, { server: b }: WrittenServer): number {
  return a.first === b.first ? Number(a.hostField[2]) - Number(b.hostField[2]) : byAge(a.first, b.first);
}

/** The Ingresses that name a host name, by it, in the order in which these are first named. */
function byHost(ingresses: readonly ReadIngress[]): ReadonlyMap<string, readonly ReadIngress[]> {
  const found = new Map<string, ReadIngress[]>();
  for (const read of ingresses) {
    for (const host of rulesOf(read).keys()) {
      const naming = found.get(host);
      if (naming) naming.push(read);
      else found.set(host, [read]);
    }
  }
  return found;
}

type Rules = NonNullable<Stored<'Ingress'>['object']['spec']['rules']>;

/**
 * The rules of an Ingress by host name; none where its default backend alone is for it. Found once, as an Ingress may have hundreds of host
 * names, which are looked at one by one.
 */
const rulesOf = memoized(({ ingress }: ReadIngress): ReadonlyMap<string, readonly (readonly [index: number, rule: Rules[number]])[]> => {
  const { rules: written = [], defaultBackend } = ingress.object.spec;
  const found = Map.groupBy(
    (written ?? []).map((rule, index) => [index, rule] as const),
    ([, { host }]) => host || '*',
  );
  if (found.size === 0 && defaultBackend) found.set('*', []);
  return found;
});

/** @param naming the Ingresses that name it, oldest first; not empty. */
function writtenServer(host: string, naming: readonly ReadIngress[]): WrittenServer {
  const diagnostics: Diagnostic[] = [];
  const report: Report = (one) => void diagnostics.push(one);
  const locations: Location[] = [];
  const [first] = naming as readonly [ReadIngress, ...ReadIngress[]];
  for (const read of naming) {
    const { defaultBackend } = read.ingress.object.spec;
    if (defaultBackend && rulesOf(read).get(host)?.length === 0) add(locations, report, catchAll(read, defaultBackend));
  }
  for (const read of naming) {
    for (const [ruleIndex, rule] of rulesOf(read).get(host) ?? []) {
      for (const [index, { path, pathType, backend }] of (rule.http?.paths ?? []).entries()) {
        const field = ['spec', 'rules', ruleIndex, 'http', 'paths', index];
        add(locations, report, { ...read, path: path || '/', pathType, backend, field, backendField: [...field, 'backend'] });
      }
    }
  }
  const rest = host === '*' ? undefined : first.ingress.object.spec.defaultBackend;
  if (rest) add(locations, undefined, restOf(first, rest));
  for (const read of naming) reportUnusedRest(host, first, read, report);
  const [rule] = rulesOf(first).get(host) ?? [];
  const hostField = rule ? ['spec', 'rules', rule[0], 'host'] : ['spec', 'defaultBackend'];
  const authority = host.startsWith('*.') ? { authority: authorityRegex(host) } : {};
  return { naming, server: { host, first, hostField, usesRegex: false, order: 0, ...authority, locations }, diagnostics };
}

/**
 * The same as they are served: with expressions where one path is one, with aliases, and with what shares the place of a wildcard.
 * Gives `InvalidRegex`, `RegexCostly`, `RegexTooLarge`.
 * @param ingresses oldest first.
 */
export function servedServers(servers: readonly Server[], ingresses: readonly ReadIngress[], report: Report): readonly Server[] {
  const own = told('served', expressionsIn('served', servers), report);
  return withRest(withAliases(own, ingresses, report));
}

/** Of host names as they are written. */
const expressionsIn = eachOfListAtOnce(
  memoized((written: Server): Told => {
    const diagnostics: Diagnostic[] = [];
    return { server: withExpressions(written, (one) => void diagnostics.push(one)), diagnostics };
  }),
);

/** Of each host name whether it is the one that takes all. */
const areRest = eachOfListAtOnce(({ host, authority }: Server) => host === '*' && authority === undefined);

/** Envoy's wildcards take any number of labels: what has more than one below a wildcard belongs to the host name that takes all, if there is one. */
function withRest(servers: readonly Server[]): readonly Server[] {
  const rest = servers[areRest('', servers).indexOf(true)];
  if (!rest) return servers;
  return [
    ...servers,
    ...servers.filter(({ host, authority }) => host.startsWith('*.') && authority !== undefined).map(({ host }) => ({ ...rest, host, order: -1 })),
  ];
}

const defaultField: FieldPath = ['spec', 'defaultBackend'];

function restOf(read: ReadIngress, backend: IngressBackend): Location {
  return { ...read, path: '/', pathType: 'Prefix', backend, field: defaultField, backendField: defaultField };
}

/** What an Ingress without rules takes: ingress-nginx applies to it neither what its annotations say of redirects nor of rewrites. */
function catchAll(read: ReadIngress, backend: IngressBackend): Location {
  const { reading } = read;
  const of = <Config>(family: Family<Config>): Config | undefined => {
    if ((family as Family) === redirect) return undefined;
    return (family as Family) === rewrite ? (nothingRewritten as Config) : reading.of(family);
  };
  return restOf({ ...read, reading: { ...reading, of } }, backend);
}

/** The default backend of an Ingress is for its host names that no older Ingress names, and for none where a rule has no host. */
function reportUnusedRest(host: string, first: ReadIngress, read: ReadIngress, report: Report): void {
  const { defaultBackend } = read.ingress.object.spec;
  if (!defaultBackend || (host === '*' ? rulesOf(read).get(host)?.length === 0 : read === first)) return;
  const { namespace, name } = first.ingress;
  const why =
    host === '*' ? 'rules without a host leave the rest to the Ingresses without rules' : `Ingress ${namespace}/${name}, which is older, names ${host} too`;
  const message = `The default backend gets no requests of ${host}, as behind ingress-nginx: ${why}.`;
  report(diagnostic('MatchShadowed', read.ingress.origin(defaultField), message, 'Write a path `/` instead.'));
}

function add(locations: Location[], report: Report | undefined, location: Location): void {
  const winner = locations.find(({ path, pathType }) => path === location.path && isSameType(pathType, location.pathType));
  if (!winner) locations.push(location);
  else if (winner.ingress === location.ingress && winner.reading.of(serviceSplit)) {
    const { backend, backendField } = location;
    locations[locations.indexOf(winner)] = { ...winner, others: [...(winner.others ?? []), { backend, backendField }] };
  } else if (report) {
    const { namespace, name } = winner.ingress;
    const older = winner.field === defaultField ? `The default backend of Ingress ${namespace}/${name}` : `Ingress ${namespace}/${name}, which is older,`;
    const by = winner.ingress === location.ingress ? 'An earlier rule' : older;
    const message = `${by} already takes exactly these requests of a host name, so this path never sees one there.`;
    report(diagnostic('MatchShadowed', location.ingress.origin(location.field), message, 'Remove one of the two.'));
  }
}

/** `ImplementationSpecific` is `Prefix`. */
function isSameType(a: Location['pathType'], b: Location['pathType']): boolean {
  return (a === 'Exact') === (b === 'Exact');
}
