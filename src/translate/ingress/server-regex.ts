import type { Report } from '../../diagnostic.ts';
import { rewrite } from '../../nginx/family/rewrite.ts';
import { checkRegex } from '../regex.ts';
import type { Location, Server } from './location.ts';
import { locationRegex } from './location-regex.ts';

/**
 * A host name as it is where one of its paths is an expression or is rewritten: then all are expressions, those of other
 * Ingresses too. A `Prefix` path stands there twice, as ingress-nginx writes it: with `/` at its end, and without unless an
 * `Exact` path is the same. An expression that RE2 refuses is left out by itself.
 * Gives `InvalidRegex`, `RegexCostly`, `RegexTooLarge`.
 */
export function withExpressions(server: Server, report: Report): Server {
  if (!server.locations.some((location) => location.reading.of(rewrite)?.usesRegex || location.reading.of(rewrite)?.target !== undefined)) return server;
  const exact = new Set(server.locations.filter(({ pathType }) => pathType === 'Exact').map(({ path }) => path));
  const locations = server.locations.flatMap((location) => twins(location, exact));
  if (!locations.some((location) => location.reading.of(rewrite)?.usesRegex || rewriteTarget(location) !== undefined)) return server;
  const usable = locations.filter(({ path, ingress, field }) => checkRegex(locationRegex(path), () => ingress.origin(field), report));
  return { ...server, usesRegex: true, locations: usable };
}

/** What the whole path is replaced by. Undefined: it stays, also where it is the same as the path of the location. */
export function rewriteTarget({ path, reading }: Location): string | undefined {
  const target = reading.of(rewrite)?.target;
  return target === path ? undefined : target;
}

function twins(location: Location, exact: ReadonlySet<string>): readonly Location[] {
  const { path, pathType, reading } = location;
  if (path === '/' || pathType === 'Exact' || reading.of(rewrite)?.usesRegex || rewriteTarget(location) !== undefined) return [location];
  const withSlash: Location = { ...location, path: path.endsWith('/') ? path : `${path}/`, writtenPath: path };
  return exact.has(path) || path.endsWith('/') ? [withSlash] : [withSlash, { ...location, pathType: 'Exact' }];
}
