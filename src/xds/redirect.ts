import type { PathMatch, RedirectAction } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';
import { pathRewrite } from './path-rewrite.ts';

const responseCodes = { 301: 'MOVED_PERMANENTLY', 302: 'FOUND', 303: 'SEE_OTHER', 307: 'TEMPORARY_REDIRECT', 308: 'PERMANENT_REDIRECT' } as const;

/** The port that a URL need not name. */
const defaultPorts = { http: 80, https: 443 } as const;

type Match = Message<'envoy.config.route.v3.RouteMatch'>;

/** A match and where it sends the client. */
export interface RedirectRoute {
  readonly match: Match;
  readonly redirect: Message<'envoy.config.route.v3.RedirectAction'>;
}

/**
 * An answer that sends the client elsewhere. What the redirect does not name stays as it was asked for, the query always.
 *
 * A port that the scheme has by default is not to stand in the new URL, but Envoy writes every port that it is given, and without
 * one it keeps that of the request. So where the request's host stays there are two routes: a request that names a port gets
 * the new one written, any other gets none.
 * @param scheme of requests here.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
export function redirectRoutes(path: PathMatch, match: Match, redirect: RedirectAction, scheme: 'http' | 'https'): RedirectRoute[] {
  const common: RedirectRoute['redirect'] = {
    response_code: responseCodes[redirect.status],
    ...(redirect.scheme !== undefined && { scheme_redirect: redirect.scheme }),
    ...(redirect.host !== undefined && { host_redirect: redirect.host }),
    ...(redirect.path && redirectPath(path, redirect.path)),
  };
  if (redirect.port === undefined) return [{ match, redirect: common }];
  const named = { ...common, port_redirect: redirect.port };
  if (redirect.port !== defaultPorts[redirect.scheme ?? scheme]) return [{ match, redirect: named }];
  if (redirect.host !== undefined) return [{ match, redirect: common }];
  const namesPort = { name: ':authority', string_match: { safe_regex: { regex: '.*:[0-9]+' } } };
  return [
    { match: { ...match, headers: [...(match.headers ?? []), namesPort] }, redirect: named },
    { match, redirect: common },
  ];
}

function redirectPath(match: PathMatch, path: NonNullable<RedirectAction['path']>) {
  return path.type === 'full' ? { path_redirect: path.value } : pathRewrite(match, path);
}
