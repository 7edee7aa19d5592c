import { RE2JS } from 're2js';
import type { RedirectMessage, RouteActionMessage, RouteMatchMessage } from './messages.ts';

/** The path after `prefix_rewrite` or `regex_rewrite`; as it was where there is neither. */
export function rewrittenPath(path: string, match: RouteMatchMessage, action: RouteActionMessage | RedirectMessage): string {
  const { prefix_rewrite, regex_rewrite } = action;
  if (regex_rewrite) return replacedAll(path, regex_rewrite.pattern?.regex ?? '', regex_rewrite.substitution ?? '');
  if (!prefix_rewrite) return path;
  const taken = match.prefix ?? match.path_separated_prefix ?? path;
  return prefix_rewrite + path.slice(taken.length);
}

/** Every match replaced; `\1` is a group in Envoy, `$1` in re2js. */
function replacedAll(text: string, regex: string, substitution: string): string {
  const replacement = substitution.replace(/\\(.)|\$/g, (found, escaped: string | undefined) => {
    if (found === '$') return '\\$';
    return /\d/.test(escaped ?? '') ? `$${escaped}` : found;
  });
  return RE2JS.compile(regex).matcher(text).replaceAll(replacement);
}

/** What a redirect is made from. */
export interface Asked {
  readonly scheme: 'http' | 'https';
  /** The Host header. */
  readonly host: string;
  readonly path: string;
  readonly query: string | undefined;
}

/** The Location header. The port of the request goes where a new one is written, or where it is the default of a scheme that changes. */
export function locationOf(asked: Asked, match: RouteMatchMessage, redirect: RedirectMessage): string {
  const scheme = redirect.scheme_redirect || asked.scheme;
  const port = redirect.port_redirect ? `:${redirect.port_redirect}` : '';
  const host = redirect.host_redirect || keptHost(asked, scheme, port !== '');
  const query = asked.query === undefined || redirect.strip_query ? '' : `?${asked.query}`;
  const path = redirect.path_redirect || rewrittenPath(asked.path, match, redirect);
  return `${scheme}://${host}${port}${path}${path.includes('?') ? '' : query}`;
}

function keptHost({ host, scheme }: Asked, newScheme: string, hasNewPort: boolean): string {
  const port = /:(\d+)$/.exec(host)?.[1];
  const isDefault = port === (scheme === 'https' ? '443' : '80');
  return port !== undefined && (hasNewPort || (newScheme !== scheme && isDefault)) ? host.slice(0, -port.length - 1) : host;
}
