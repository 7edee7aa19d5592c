import type { Report } from '../../diagnostic.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
import { checkRegex } from '../regex.ts';
import type { ReadIngress, Server } from './location.ts';
import { authorityRegex } from './location-regex.ts';

/**
 * The host names with their further names behind them: of those of several Ingresses the oldest that names any holds. A host name with
 * rules of its own keeps them, and of two host names with the same alias the first has it. A wildcard is one of nginx: it takes any number of labels.
 * Gives `InvalidRegex`, `RegexCostly`, `RegexTooLarge`.
 */
export function withAliases(servers: readonly Server[], ingresses: readonly ReadIngress[], report: Report): readonly Server[] {
  const aliases = aliasesOf(ingresses);
  if (aliases.size === 0) return servers;
  const taken = new Set(servers.map(({ host }) => host));
  const added: Server[] = [];
  for (const server of servers) {
    const { first, names } = aliases.get(server.host) ?? {};
    for (const name of names ?? []) {
      if (taken.has(name) || !first) continue;
      taken.add(name);
      const authority = name.startsWith('~') ? authorityRegex(name) : undefined;
      if (authority !== undefined && !checkRegex(authority, () => first.ingress.origin(['metadata', 'annotations']), report)) continue;
      const { authority: _, ...rest } = server;
      added.push({
        ...rest,
        host: name.startsWith('~') ? '*' : name.toLowerCase(),
        order: name.startsWith('~') ? 2 : 0,
        ...(authority === undefined ? {} : { authority }),
      });
    }
  }
  return [...servers, ...added];
}

function aliasesOf(ingresses: readonly ReadIngress[]): ReadonlyMap<string, { readonly first: ReadIngress; readonly names: readonly string[] }> {
  const aliases = new Map<string, { readonly first: ReadIngress; readonly names: readonly string[] }>();
  for (const read of ingresses) {
    const names = read.reading.of(serverAlias);
    if (!names) continue;
    for (const { host } of read.ingress.object.spec.rules ?? []) if (host && !aliases.has(host)) aliases.set(host, { first: read, names });
  }
  return aliases;
}
