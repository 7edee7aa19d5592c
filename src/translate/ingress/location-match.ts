import type { PathMatch, RouteMatch } from '../../ir/route.ts';
import { pathPrefix } from '../http-route.ts';
import { checkRegex, quoted } from '../regex.ts';
import type { RouteContext } from '../route-context.ts';
import type { Location, Server } from './location.ts';

/** Which requests a location takes. `ImplementationSpecific` is `Prefix`, as for ingress-nginx. */
export function locationMatch(server: Server, { path, pathType }: Location, context: RouteContext): RouteMatch {
  return { path: pathType === 'Exact' ? { type: 'exact', value: path } : pathPrefix(path), headers: hostConditions(server, context), query: [] };
}

/** Its place among the locations of its host name; larger numbers first, as `precedence.ts` has them. */
export function locationRank({ path }: RouteMatch): readonly number[] {
  return [0, kindRank(path), path.value.length];
}

function kindRank({ type }: PathMatch): number {
  if (type === 'exact') return 3;
  return type === 'regex' ? 2 : 1;
}

/**
 * `*.example.com` means one label here, as Kubernetes says; Envoy's wildcard takes any number.
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
 */
function hostConditions({ host, first: { ingress }, hostField }: Server, { report }: RouteContext): RouteMatch['headers'] {
  if (!host.startsWith('*.')) return [];
  const value = `(?i)[^.]+${quoted(host.slice(1))}(:[0-9]+)?`;
  checkRegex(value, () => ingress.origin(hostField), report);
  return [{ name: ':authority', type: 'regex', value }];
}
