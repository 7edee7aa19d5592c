import { diagnostic, type Report } from '../../diagnostic.ts';
import { type Annotation, spellingsOf } from '../../nginx/annotation.ts';
import { type CanaryConfig, canary as family } from '../../nginx/family/canary.ts';
import { canaryBehavior } from '../../nginx/family/canary-behavior.ts';
import type { FieldPath } from '../../store/stored.ts';
import type { IngressBackend, Location, ReadIngress, Server } from './location.ts';
import { upstreamFamilies, upstreamOf } from './upstreams.ts';

/** A Service that takes a part of the requests of another one. */
export interface Canary extends ReadIngress {
  readonly config: CanaryConfig;
  readonly backend: IngressBackend;
  readonly backendField: FieldPath;
}

/** The canary of a location. Undefined: it has none. */
export type CanaryOf = (location: Location) => Canary | undefined;

/** Names of the annotations that hold on the Ingress of a canary: which requests it takes, and how the endpoints of its Services are chosen. All else the main Ingress says. */
export const holdingOnCanary: ReadonlySet<string> = new Set(
  [family, canaryBehavior, ...upstreamFamilies].flatMap(({ annotations }) => Object.values<Annotation>(annotations).flatMap(spellingsOf)),
);

/** Where nobody asks for one. */
export const noCanaries: CanaryOf = () => undefined;

/**
 * Finds the canary of each location, as ingress-nginx does: a canary hangs on the main Service of the location that has its host, path and type,
 * and so takes requests of every location of that Service, on whatever host. The oldest canary of a Service is the only one; the Ingress that
 * is the first to name the canary's Service says which requests it takes; and a path that fits nothing takes the Service away
 * as a canary everywhere.
 * Gives `CanaryIgnored` and `CanaryReachesOthers`.
 * @param ingresses all that are served, oldest first, canaries among them.
 * @param servers without those of canaries.
 */
export function canariesOf(ingresses: readonly ReadIngress[], servers: readonly Server[], report: Report): CanaryOf {
  const canaries = ingresses.filter(({ reading }) => reading.of(family));
  if (canaries.length === 0) return noCanaries;
  const policies = firstConfigs(ingresses);
  const alternatives = new Map<string, Canary[]>();
  const removed = new Set<string>();
  for (const read of canaries) {
    for (const path of pathsOf(read)) {
      const upstream = upstreamOf(path);
      if (upstream === undefined || removed.has(upstream)) continue;
      const server = servers.find(({ host }) => host === path.host);
      const merged = server && merge(server, path, upstream, policies, alternatives);
      if (!merged)
        reportIgnored(path, report, server ? 'no location of the host has its path and type with another Service' : 'no other Ingress has its host name');
      // Where the host is unknown ingress-nginx goes on; where no location fits, it forgets the Service.
      if (server && !merged) removed.add(upstream);
    }
  }
  const chosen = new Map([...alternatives].map(([main, all]) => [main, all[0]] as const));
  for (const [main, [first, ...others]] of alternatives) {
    for (const other of others) {
      reportIgnored(other, report, `${main} has an older canary, of Ingress ${first?.ingress.namespace}/${first?.ingress.name}, and only one counts`);
    }
    if (first) reportReach(main, first, servers, report);
  }
  return (location) => {
    const main = upstreamOf(location);
    const canary = main === undefined ? undefined : chosen.get(main);
    const upstream = canary && upstreamOf(canary);
    return upstream === undefined || removed.has(upstream) ? undefined : canary;
  };
}

interface CanaryPath extends Canary {
  readonly host: string;
  readonly path: string;
  readonly isExact: boolean;
  /** It stands for every location of its host. */
  readonly isDefault: boolean;
}

function pathsOf(read: ReadIngress): readonly CanaryPath[] {
  const config = read.reading.of(family);
  if (!config) return [];
  const { rules, defaultBackend } = read.ingress.object.spec;
  const rest: CanaryPath[] = defaultBackend
    ? [{ ...read, config, host: '*', path: '/', isExact: false, isDefault: true, backend: defaultBackend, backendField: ['spec', 'defaultBackend'] }]
    : [];
  const own = (rules ?? []).flatMap((rule, ruleIndex) =>
    (rule.http?.paths ?? []).map(({ path, pathType, backend }, index): CanaryPath => {
      const backendField = ['spec', 'rules', ruleIndex, 'http', 'paths', index, 'backend'];
      return { ...read, config, host: rule.host || '*', path: path || '/', isExact: pathType === 'Exact', isDefault: false, backend, backendField };
    }),
  );
  return [...rest, ...own];
}

/** Gives whether a location takes the canary. One whose own Service it is ends the search, and counts as found. */
function merge(
  server: Server,
  canary: CanaryPath,
  upstream: string,
  policies: ReadonlyMap<string, CanaryConfig | undefined>,
  alternatives: Map<string, Canary[]>,
): boolean {
  let merged = false;
  for (const location of server.locations) {
    const main = upstreamOf(location);
    if (main === upstream) return true;
    const fits = canary.isDefault || (location.path === canary.path && (location.pathType === 'Exact') === canary.isExact);
    // A Service that a canary named first never has a canary of its own.
    if (main === undefined || !fits || policies.get(main)) continue;
    merged = true;
    const all = alternatives.get(main) ?? [];
    alternatives.set(main, all);
    // Where another Ingress named the Service first, no request is meant for it as a canary.
    const config = policies.get(upstream) ?? { weight: 0, weightTotal: 100 };
    if (!all.some((one) => upstreamOf(one) === upstream)) all.push({ ...canary, config });
  }
  return merged;
}

/** What the first Ingress that names a Service says of canaries; undefined where it is none. */
function firstConfigs(ingresses: readonly ReadIngress[]): ReadonlyMap<string, CanaryConfig | undefined> {
  const found = new Map<string, CanaryConfig | undefined>();
  for (const { ingress, reading } of ingresses) {
    const { rules, defaultBackend } = ingress.object.spec;
    const backends = [...(defaultBackend ? [defaultBackend] : []), ...(rules ?? []).flatMap((rule) => (rule.http?.paths ?? []).map(({ backend }) => backend))];
    for (const backend of backends) {
      const upstream = upstreamOf({ ingress, backend });
      if (upstream !== undefined && !found.has(upstream)) found.set(upstream, reading.of(family));
    }
  }
  return found;
}

function reportIgnored({ ingress, backendField }: Canary, report: Report, why: string): void {
  report(diagnostic('CanaryIgnored', ingress.origin(backendField), `The canary gets no requests, as behind ingress-nginx: ${why}.`));
}

function reportReach(main: string, canary: Canary, servers: readonly Server[], report: Report): void {
  const written = new Set(pathsOf(canary).map(({ host, path, isExact }) => `${host} ${path} ${isExact}`));
  const others = servers.flatMap(({ host, locations }) =>
    locations.filter((one) => upstreamOf(one) === main && !written.has(`${host} ${one.path} ${one.pathType === 'Exact'}`)).map(({ path }) => `${host}${path}`),
  );
  if (others.length === 0) return;
  const message = `The canary also takes requests of ${others.slice(0, 3).join(', ')}${others.length > 3 ? ' and others' : ''}, as behind ingress-nginx: it hangs on the Service ${main}, not on its path.`;
  const remedy = 'Give those locations a Service of their own, or write the split as an HTTPRoute.';
  report(diagnostic('CanaryReachesOthers', canary.ingress.origin(canary.backendField), message, remedy));
}
