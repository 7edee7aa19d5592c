import { conditionsOf, type Matchable } from './conditions.ts';
import type { Failure, NearMiss } from './explanation.ts';
import type { RouteTableMessage, VirtualHostMessage } from './messages.ts';
import type { OriginIndex } from './origins.ts';

const shownMisses = 3;

/**
 * The routes of a table that fit a request best without fitting it: those of its host and path first (a wrong method is what one
 * looks for, not some other path without conditions), then those of its host, then fewest failed conditions, then the path that
 * has most in common with the one asked for.
 * @param found the virtual host that the request came to; routes of all others fail by their host as well.
 */
export function nearMisses(table: RouteTableMessage, request: Matchable, found: VirtualHostMessage | undefined, origins: OriginIndex): NearMiss[] {
  const configuration = table.name ?? '';
  const misses = (table.virtual_hosts ?? []).flatMap((host) =>
    (host.routes ?? []).map((route) => {
      const match = route.match ?? {};
      const failures = conditionsOf(match, request).flatMap(({ failure }) => (failure ? [failure] : []));
      const all = host.name === found?.name ? failures : [hostFailure(host, request), ...failures];
      const name = route.name ?? '';
      const wanted = match.path ?? match.path_separated_prefix ?? match.prefix ?? match.safe_regex?.regex ?? '';
      return {
        miss: {
          virtualHost: host.name ?? '',
          route: name,
          failures: all,
          origins: origins.route(configuration, host.name ?? '', name)?.origins ?? [],
        },
        common: commonLength(wanted, request.path),
      };
    }),
  );
  const sorted = misses
    .sort(
      (a, b) =>
        missed(a.miss, ['host', 'path']) - missed(b.miss, ['host', 'path']) ||
        missed(a.miss, ['host']) - missed(b.miss, ['host']) ||
        a.miss.failures.length - b.miss.failures.length ||
        b.common - a.common,
    )
    .map(({ miss }) => miss);
  // A route may stand in the table twice (for preflight requests, for other hosts): its best entry is enough.
  const best = new Map<string, NearMiss>();
  for (const miss of sorted) if (!best.has(miss.route)) best.set(miss.route, miss);
  return [...best.values()].slice(0, shownMisses);
}

/** How many of some parts of a request fail. */
function missed({ failures }: NearMiss, parts: readonly Failure['part'][]): number {
  return failures.filter(({ part }) => parts.includes(part)).length;
}

function hostFailure(host: VirtualHostMessage, request: Matchable): Failure {
  const got = request.headers.get(':authority');
  const domains = host.domains ?? [];
  // The virtual host for all others has the name too, but one that has it by itself keeps it, also where none of its routes fits.
  const wanted = domains.includes('*') ? 'a host name without routes of its own' : `host ${domains.join(', ')}`;
  return { part: 'host', wanted, ...(got !== undefined && { got }) };
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
