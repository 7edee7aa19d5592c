import { diagnostic, type Report } from '../../diagnostic.ts';
import { serviceSplit } from '../../nginx/family/service-split.ts';
import type { FieldPath } from '../../store/stored.ts';
import { withAliases } from './aliases.ts';
import type { IngressBackend, Location, ReadIngress, Server } from './location.ts';
import { authorityRegex } from './location-regex.ts';
import { withExpressions } from './server-regex.ts';

/**
 * The host names of all Ingresses with their paths, as ingress-nginx puts them together: who is older has a path. `spec.defaultBackend`
 * takes what the Ingress's own host names have no path for, or every host name if it has no rules.
 * Gives `MatchShadowed`.
 * @param ingresses oldest first.
 * @see https://kubernetes.github.io/ingress-nginx/how-it-works/#building-the-nginx-model
 */
export function serversOf(ingresses: readonly ReadIngress[], report: Report): readonly Server[] {
  const servers = new Map<string, Server & { readonly locations: Location[] }>();
  const serverOf = (host: string, first: ReadIngress, hostField: FieldPath) => {
    const authority = host.startsWith('*.') ? { authority: authorityRegex(host) } : {};
    const server = servers.get(host) ?? { host, first, hostField, usesRegex: false, order: 0, ...authority, locations: [] };
    servers.set(host, server);
    return server;
  };
  for (const read of ingresses) {
    const { rules, defaultBackend } = read.ingress.object.spec;
    for (const [ruleIndex, rule] of (rules ?? []).entries()) {
      const ruleField = ['spec', 'rules', ruleIndex];
      const server = serverOf(rule.host || '*', read, [...ruleField, 'host']);
      for (const [index, { path, pathType, backend }] of (rule.http?.paths ?? []).entries()) {
        const field = [...ruleField, 'http', 'paths', index];
        add(server.locations, report, { ...read, path: path || '/', pathType, backend, field, backendField: [...field, 'backend'] });
      }
    }
    if (defaultBackend && (rules ?? []).length === 0) add(serverOf('*', read, ['spec', 'defaultBackend']).locations, report, restOf(read, defaultBackend));
  }
  for (const read of ingresses) {
    const { rules, defaultBackend } = read.ingress.object.spec;
    if (!defaultBackend) continue;
    for (const host of new Set((rules ?? []).map((rule) => rule.host || '*'))) add(servers.get(host)?.locations ?? [], undefined, restOf(read, defaultBackend));
  }
  return [...servers.values()];
}

/**
 * The same as they are served: with expressions where one path is one, with aliases, and with what shares the place of a wildcard.
 * Gives `InvalidRegex`, `RegexCostly`, `RegexTooLarge`.
 * @param ingresses oldest first.
 */
export function servedServers(servers: readonly Server[], ingresses: readonly ReadIngress[], report: Report): readonly Server[] {
  const own = servers.map((server) => withExpressions(server, report));
  return withRest(withAliases(own, ingresses, report));
}

/** Envoy's wildcards take any number of labels: what has more than one below a wildcard belongs to the host name that takes all, if there is one. */
function withRest(servers: readonly Server[]): readonly Server[] {
  const rest = servers.find(({ host, authority }) => host === '*' && authority === undefined);
  if (!rest) return servers;
  return [...servers, ...servers.filter(({ host }) => host.startsWith('*.')).map(({ host }) => ({ ...rest, host, order: -1 }))];
}

function restOf(read: ReadIngress, backend: IngressBackend): Location {
  const field = ['spec', 'defaultBackend'];
  return { ...read, path: '/', pathType: 'Prefix', backend, field, backendField: field };
}

function add(locations: Location[], report: Report | undefined, location: Location): void {
  const winner = locations.find(({ path, pathType }) => path === location.path && isSameType(pathType, location.pathType));
  if (!winner) locations.push(location);
  else if (winner.ingress === location.ingress && winner.reading.of(serviceSplit)) {
    const { backend, backendField } = location;
    locations[locations.indexOf(winner)] = { ...winner, others: [...(winner.others ?? []), { backend, backendField }] };
  } else if (report) {
    const { namespace, name } = winner.ingress;
    const by = winner.ingress === location.ingress ? 'An earlier rule' : `Ingress ${namespace}/${name}, which is older,`;
    const message = `${by} already takes exactly these requests of a host name, so this path never sees one there.`;
    report(diagnostic('MatchShadowed', location.ingress.origin(location.field), message, 'Remove one of the two.'));
  }
}

/** `ImplementationSpecific` is `Prefix`. */
function isSameType(a: Location['pathType'], b: Location['pathType']): boolean {
  return (a === 'Exact') === (b === 'Exact');
}
