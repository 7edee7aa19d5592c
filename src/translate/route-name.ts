import { hash } from 'node:crypto';
import type { RouteMatch } from '../ir/route.ts';
import type { Stored } from '../store/stored.ts';

/**
 * Names the routes of one object by rule and match: `HTTPRoute/NAMESPACE/NAME/RULE`, where RULE is the rule's name if it has
 * one and a single match, else `RULE~HASH` with a hash of the match. Never a position: reordering and inserting rules renames
 * nothing. The same match twice gets `~2` in the order of the rules; the second never sees a request.
 */
export function createRouteNamer(owner: Stored): (match: RouteMatch, rule: string | undefined, isOnlyMatch: boolean) => string {
  const given = new Map<string, number>();
  return (match, rule, isOnlyMatch) => {
    const base = rule !== undefined && isOnlyMatch ? rule : `${rule ?? ''}~${hashOf(match)}`;
    const count = (given.get(base) ?? 0) + 1;
    given.set(base, count);
    return `${owner.kind}/${owner.namespace}/${owner.name}/${count === 1 ? base : `${base}~${count}`}`;
  };
}

function hashOf(match: RouteMatch): string {
  const { path, method, headers, query, clientCertificate } = match;
  const content = [
    path.type,
    path.value,
    method,
    headers.map((one) => [one.name, one.type, one.value]),
    query.map((one) => [one.name, one.type, one.value]),
    ...(clientCertificate ? [clientCertificate] : []),
  ];
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 8);
}
