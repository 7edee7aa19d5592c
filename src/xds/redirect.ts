import type { PathMatch, RedirectAction } from '../ir/route.ts';
import type { Message } from '../proto/message.ts';
import { pathRewrite } from './path-rewrite.ts';

const responseCodes = { 301: 'MOVED_PERMANENTLY', 302: 'FOUND', 303: 'SEE_OTHER', 307: 'TEMPORARY_REDIRECT', 308: 'PERMANENT_REDIRECT' } as const;

/**
 * An answer that sends the client elsewhere. What the redirect does not name stays as it was asked for, the query always.
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter
 */
export function redirectAction(match: PathMatch, redirect: RedirectAction): Message<'envoy.config.route.v3.RedirectAction'> {
  return {
    response_code: responseCodes[redirect.status],
    ...(redirect.scheme !== undefined && { scheme_redirect: redirect.scheme }),
    ...(redirect.host !== undefined && { host_redirect: redirect.host }),
    ...(redirect.port !== undefined && { port_redirect: redirect.port }),
    ...(redirect.path && redirectPath(match, redirect.path)),
  };
}

function redirectPath(match: PathMatch, path: NonNullable<RedirectAction['path']>) {
  return path.type === 'full' ? { path_redirect: path.value } : pathRewrite(match, path);
}
