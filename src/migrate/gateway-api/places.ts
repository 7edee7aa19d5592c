import type { Location, Server } from '../../translate/ingress/location.ts';
import { locationRank } from '../../translate/ingress/location-match.ts';
import { restLocation } from '../../translate/ingress/rest-location.ts';
import { rewriteTarget } from '../../translate/ingress/server-regex.ts';
import type { Written } from './host.ts';
import { literalHead, type PrefixForm, prefixForm } from './prefix-form.ts';

/** A location in the words of an HTTPRoute. */
export interface Place {
  readonly location: Location;
  /** The match of its path. */
  readonly path: Written;
  /** What backends see instead of the path, as a path modifier. Undefined: the path stays. */
  readonly newPath: Written | undefined;
}

/** The locations of a host name in the order in which ingress-nginx tries them, and what its paths mean in another way; or why they cannot be said. */
export type Places = { readonly places: readonly Place[]; readonly told: readonly string[] } | { readonly obstacle: string };

/**
 * Expressions are said as they are, unless a `rewrite-target` keeps a part of the path: only a prefix can be exchanged. Then all paths that can be are
 * prefixes, as expressions would go before them.
 */
export function placesOf(server: Server): Places {
  const rest = restLocation(server);
  const locations = byRank(server, [...server.locations, ...(rest ? [rest] : [])]);
  if (locations.some((location) => targetOf(location)?.includes('$'))) return prefixPlaces(server, locations);
  return { places: locations.map((location) => ({ location, path: pathOf(server, location), newPath: wholePath(targetOf(location)) })), told: [] };
}

/** As nginx tries them. */
export function byRank(server: Server, locations: readonly Location[]): readonly Location[] {
  return locations.toSorted((a, b) => compareRanks(locationRank(server, b), locationRank(server, a)));
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Expressions of one form, so that the longest path has the longest of them. */
function pathOf({ usesRegex }: Server, { path, pathType }: Pick<Location, 'path' | 'pathType'>): Written {
  if (usesRegex) return { type: 'RegularExpression', value: `(?i).*?(?:^${path}).*` };
  return { type: pathType === 'Exact' ? 'Exact' : 'PathPrefix', value: path };
}

/** What no path takes goes nowhere. */
function targetOf(location: Location): string | undefined {
  return location.isRest ? undefined : rewriteTarget(location);
}

function wholePath(target: string | undefined): Written | undefined {
  return target === undefined ? undefined : { type: 'ReplaceFullPath', replaceFullPath: target };
}

/** A prefix with the location that it stands for. */
interface Taken {
  readonly form: PrefixForm;
  readonly location: Location;
}

function prefixPlaces(server: Server, locations: readonly Location[]): Places {
  const places: Place[] = [];
  const taken: Taken[] = [];
  const heads: string[] = [];
  for (const location of locations) {
    const { path } = location;
    const target = targetOf(location);
    const form = prefixForm(path, target);
    if (!form && target?.includes('$')) return { obstacle: `the groups of rewrite-target at ${path} have no counterpart` };
    if (!form) {
      // Of HTTPRoutes expressions go before prefixes, whatever their length.
      if (taken.some((earlier) => mayMeet(literalHead(path), earlier.form.prefix))) return outOfOrder(server);
      places.push({ location, path: pathOf(server, location), newPath: wholePath(target) });
      heads.push(literalHead(path));
      continue;
    }
    const above = taken.find((earlier) => isWithin(form.prefix, earlier.form.prefix));
    if (!above && taken.some((earlier) => isBent(form, earlier.form))) return outOfOrder(server);
    const added = above ? besides(location, form, target, above) : placesOfPrefix(location, form, target);
    // And exact paths go before expressions.
    if (added.some(({ path: { type } }) => type === 'Exact') && heads.some((head) => mayMeet(head, form.prefix))) return outOfOrder(server);
    places.push(...added);
    taken.push({ form, location });
  }
  const told: readonly string[] = taken.some(({ form }) => form.prefix !== '')
    ? [`paths of ${server.host} are taken letter by letter and in whole parts: not \`/API\` or \`/apis\` for \`/api\`, but \`/api\` for \`/api/\``]
    : [];
  return { places, told };
}

function placesOfPrefix(location: Location, { prefix, isBelow, replacement }: PrefixForm, target: string | undefined): readonly Place[] {
  const path = { type: 'PathPrefix', value: prefix === '' ? '/' : prefix };
  if (replacement === undefined) return [{ location, path, newPath: wholePath(target) }];
  if (prefix === '' && replacement === '/') return [{ location, path, newPath: undefined }];
  const whole = { location, path, newPath: { type: 'ReplacePrefixMatch', replacePrefixMatch: replacement } };
  // The slash at the end of a new prefix is lost where nothing follows.
  if (prefix === '' || isBelow || replacement === '/') return [whole];
  return [{ location, path: { type: 'Exact', value: prefix }, newPath: wholePath(replacement) }, whole];
}

/** What is left of a path of which an earlier one takes all that is below it: nothing, or itself. */
function besides(location: Location, form: PrefixForm, target: string | undefined, above: Taken): readonly Place[] {
  const isLeft = above.form.isBelow && above.form.prefix === form.prefix && !form.isBelow && !isSame(above.location, location);
  return isLeft ? [{ location, path: { type: 'Exact', value: form.prefix }, newPath: wholePath(target) }] : [];
}

/** Of prefixes the longest goes first, where nginx tries the longest text. What is left of the others is never asked for. */
function isWithin(prefix: string, above: string): boolean {
  return prefix === above || prefix.startsWith(`${above}/`);
}

/** nginx would give an earlier path what is for a later one as prefixes. */
function isBent(later: PrefixForm, earlier: PrefixForm): boolean {
  const [long, short] = [later.prefix.toLowerCase(), earlier.prefix.toLowerCase()];
  return isWithin(long, short) || (earlier.isLoose && long.startsWith(short));
}

function mayMeet(head: string, prefix: string): boolean {
  const [a, b] = [head.toLowerCase(), prefix.toLowerCase()];
  return a.startsWith(b) || b.startsWith(a);
}

/** The twins of one path. */
function isSame(a: Location, b: Location): boolean {
  return a.ingress === b.ingress && a.field.join() === b.field.join();
}

function outOfOrder({ host }: Server): Places {
  return { obstacle: `the order in which the expressions of ${host} are tried has no counterpart` };
}
