import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Route, RouteMatch } from '../ir/route.ts';
import type { FieldPath } from '../store/stored.ts';
import type { RouteObject } from './backend-reference.ts';
import type { RouteContext } from './route-context.ts';
import { createRouteNamer } from './route-name.ts';
import { type Rule, ruleParts } from './route-rule.ts';
import { transcodedMatches } from './transcoding.ts';

/** A rule with its matches; without any, or with none, it takes every request. */
interface MatchingRule<Match> extends Rule {
  readonly matches?: readonly Match[] | undefined;
}

/**
 * The routes of an HTTPRoute or a GRPCRoute, one for each match, in the order of its rules. Gives `NothingTranscoded` and what its parts give.
 * @param grpc whether gRPC is to be sent to the backends.
 * @param matchOf translates a match, undefined for every request. Gives undefined where the match is refused: it is left out.
 */
export function ruleRoutes<Match>(
  route: RouteObject,
  rules: readonly MatchingRule<Match>[],
  grpc: boolean,
  matchOf: (match: Match | undefined, path: FieldPath) => RouteMatch | undefined,
  context: RouteContext,
): Route[] {
  const nameOf = createRouteNamer(route);
  return rules.flatMap((rule, ruleIndex) => {
    const path = ['spec', 'rules', ruleIndex];
    const { parts, transcoding } = ruleParts(route, rule, path, grpc, context);
    const matches = rule.matches === undefined || rule.matches.length === 0 ? [undefined] : rule.matches;
    const routes = matches.flatMap((written, index) => {
      const matchPath = [...path, 'matches', index];
      const match = matchOf(written, matchPath);
      if (!match) return [];
      const origins = [route.origin(path)].concat(rule.matches === undefined ? [] : route.origin(matchPath));
      const taken = { name: nameOf(match, rule.name, matches.length === 1), match, ...parts, origins };
      if (!transcoding) return [taken];
      const { transcoder } = transcoding;
      const json = transcodedMatches(transcoding, match).map((one) => ({ name: nameOf(one, rule.name, false), match: one, ...parts, transcoder, origins }));
      return [taken, ...json];
    });
    if (transcoding && !routes.some((one) => 'transcoder' in one)) context.report(nothingTranscoded(route, path));
    return routes;
  });
}

function nothingTranscoded(route: RouteObject, rule: FieldPath): Diagnostic {
  const message = 'The compiled .proto files have no HTTP path for the calls that this rule takes, so it takes gRPC calls alone.';
  const remedy = 'Write `google.api.http` options into the .proto files and compile them anew, or look whether they hold the service that the rule matches.';
  return diagnostic('NothingTranscoded', route.origin([...rule, 'filters']), message, remedy);
}
