import { stringify } from 'yaml';
import type { Directive } from '../nginx/directives.ts';
import { settings } from '../nginx/setting/index.ts';
import { declaredNames } from './declared.ts';

/** What to write instead of nginx code: a sentence or two for each kind of directive in it. */
export function snippetRemedy(directives: readonly Directive[]): string {
  const headers = directives.flatMap(headerOf);
  const filters = (['response', 'request'] as const).flatMap((side) => headerRemedy(side, headers));
  const rest = directives.filter((directive) => headerOf(directive).length === 0);
  const byRemedy = Map.groupBy(rest, (directive) => remedyOf(directive));
  const others = [...byRemedy].flatMap(([remedy, some]) => {
    const names = [...new Set(some.map(({ name }) => `\`${name}\``))].join(', ');
    return remedy === '' ? [] : [`${names}: ${remedy}`];
  });
  return [...filters, ...others].join(' ');
}

interface Header {
  readonly side: 'request' | 'response';
  readonly name: string;
  readonly value: string;
}

const headerDirectives: ReadonlyMap<string, Header['side']> = new Map([
  ['more_set_headers', 'response'],
  ['add_header', 'response'],
  ['more_set_input_headers', 'request'],
  ['proxy_set_header', 'request'],
]);

/** What a line sets to a fixed value. Nothing: it does something else. */
function headerOf({ name, words }: Directive): readonly Header[] {
  const side = headerDirectives.get(name);
  if (!side || words.some((word) => word.includes('$') || word.startsWith('-')) || sentAnyway(name, words[0])) return [];
  if (!name.startsWith('more_')) return words.length >= 2 ? [{ side, name: words[0] ?? '', value: words[1] ?? '' }] : [];
  const pairs = words.map((word) => /^\s*([^\s:]+)\s*:\s*(.+)$/.exec(word));
  return pairs.every((pair) => pair) ? pairs.map((pair) => ({ side, name: pair?.[1] ?? '', value: pair?.[2] ?? '' })) : [];
}

function headerRemedy(side: Header['side'], headers: readonly Header[]): readonly string[] {
  const set = headers.filter((header) => header.side === side);
  if (set.length === 0) return [];
  const flow = (value: unknown): string => stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  if (side === 'response') {
    const data = flow(Object.fromEntries(set.map(({ name, value }) => [name, value])));
    const names = [...new Set(set.map(({ name }) => name))].join(',');
    return [
      `Headers of answers: name a ConfigMap with \`data: ${data}\` in \`custom-headers\`, and allow them by \`global-allowed-response-headers: "${names}"\`, which ingress-nginx knows too.`,
    ];
  }
  const filter = flow({ type: 'RequestHeaderModifier', requestHeaderModifier: { set: set.map(({ name, value }) => ({ name, value })) } });
  return [`Headers of requests: write an HTTPRoute with the filter ${filter}, or for all host names the setting \`proxy-set-headers\`.`];
}

/** Headers that backends get from Sluice as from ingress-nginx, without being asked for. */
function sentAnyway(directive: string, header = ''): boolean {
  return (
    directive === 'proxy_set_header' &&
    /^(?:x-forwarded-(?:for|host|port|proto|scheme)|x-real-ip|x-scheme|x-request-id|x-original-forwarded-for|upgrade|connection)$/i.test(header)
  );
}

const application = 'nothing here does it; it belongs in the application, or in a proxy beside it.';

/** By name, and by the first word where that decides; what comes first holds. */
const remedies: readonly { readonly names: RegExp; readonly word?: RegExp; readonly remedy: string }[] = [
  { names: /^(?:set|break|internal|auth_request_set)$/, remedy: '' },
  {
    names: /^(?:allow|deny)$/,
    remedy: 'write the addresses into `allowlist-source-range` or `denylist-source-range`; for a part of the paths in an Ingress of its own.',
  },
  { names: /^auth_request$/, remedy: 'name the service in `auth-url`, and what it tells backends in `auth-response-headers`.' },
  { names: /^auth_basic/, remedy: 'use `auth-type: basic` with `auth-secret`.' },
  { names: /^limit_(?:req|conn)/, remedy: 'use `limit-rps` or `limit-rpm`.' },
  {
    names: /^return$/,
    word: /^(?:30\d|https?:|\$scheme)/,
    remedy: 'use `permanent-redirect` or `temporal-redirect`; under a condition an HTTPRoute with a match and a RequestRedirect.',
  },
  {
    names: /^return$/,
    word: /^(?:40[1-4]|410|444)$/,
    remedy:
      'write an Ingress of its own for the path with `denylist-source-range: 0.0.0.0/0,::/0`, which answers 403; under a condition let the application refuse.',
  },
  {
    names: /^if$/,
    word: /^\(?\$(?:http_user_agent|http_referer)\b/,
    remedy: 'refuse by the settings `block-user-agents` or `block-referers`; redirect by an HTTPRoute that matches the header.',
  },
  { names: /^if$/, word: /^\(?\$(?:scheme|http_x_forwarded_proto|https|ssl_protocol)\b/, remedy: 'use `force-ssl-redirect`.' },
  {
    names: /^if$/,
    word: /^\(?\$(?:host|http_host|server_name)\b/,
    remedy: 'write an Ingress for that host name, with `permanent-redirect` or `from-to-www-redirect`.',
  },
  { names: /^if$/, word: /^\(?\$(?:remote_addr|binary_remote_addr)\b/, remedy: 'use `allowlist-source-range` or `denylist-source-range`.' },
  {
    names: /^if$/,
    word: /^\(?\$request_method\b/,
    remedy: 'write an HTTPRoute that matches the method; TRACE is refused in any case, and preflights are answered with `enable-cors`.',
  },
  {
    names: /^if$/,
    word: /^\(?\$(?:http|arg|cookie)_/,
    remedy: 'write an HTTPRoute that matches the header or the query, or a canary with `canary-by-header` or `canary-by-cookie`.',
  },
  { names: /^if$/, word: /^\(?\$(?:uri|request_uri|document_uri)\b/, remedy: 'write a path of its own.' },
  { names: /^location$/, remedy: 'write an Ingress of its own for the path.' },
  {
    names: /^rewrite$/,
    remedy:
      'use `use-regex: "true"` and `rewrite-target` on a path of its own; where the client is sent elsewhere `permanent-redirect`, `app-root`, or an HTTPRoute with a RequestRedirect.',
  },
  { names: /^proxy_set_header$/, word: /^host$/i, remedy: 'use `upstream-vhost`.' },
  {
    names: /^(?:proxy_set_header|more_set_input_headers)$/,
    remedy:
      'values of the service of `auth-url` go to backends by `auth-response-headers`, other variables for all host names by the setting `proxy-set-headers`.',
  },
  {
    names: /^(?:add_header|more_set_headers)$/,
    word: /^set-cookie/i,
    remedy: 'cookies of the service of `auth-url` reach the client in any case; others belong in the application.',
  },
  { names: /^(?:add_header|more_set_headers)$/, word: /^access-control-/i, remedy: 'use `enable-cors` with the `cors-` annotations.' },
  { names: /^(?:add_header|more_set_headers)$/, remedy: 'the setting `add-headers` takes variables, for all host names.' },
  {
    names: /^(?:proxy_hide_header|more_clear_headers)$/,
    remedy: 'use the setting `hide-headers`, for all host names, or an HTTPRoute with a ResponseHeaderModifier that has `remove`.',
  },
  { names: /^more_clear_input_headers$/, remedy: 'write an HTTPRoute with a RequestHeaderModifier that has `remove`.' },
  { names: /^proxy_pass$/, remedy: 'name a Service; for a host outside one of type `ExternalName`.' },
  { names: /^error_page$/, remedy: 'use `custom-http-errors` with `default-backend`.' },
  { names: /^client_max_body_size$/, remedy: 'use `proxy-body-size`.' },
  { names: /^keepalive_/, remedy: 'use the settings `keep-alive` and `keep-alive-requests`.' },
  { names: /^gzip|^brotli/, remedy: 'use the settings `use-gzip`, `enable-brotli` and those beside them.' },
  { names: /^access_log$/, word: /^off$/, remedy: 'use `enable-access-log: "false"`.' },
];

function remedyOf({ name, words }: Directive): string {
  if (sentAnyway(name, words[0])) return 'remove it: Sluice sends this header anyway.';
  const known = remedies.find(({ names, word }) => names.test(name) && (!word || word.test(words[0] ?? '')));
  if (known) return known.remedy;
  const alike = name.replaceAll('_', '-');
  if (declaredNames.get(alike)) return `use the annotation \`${alike}\`.`;
  return Object.hasOwn(settings, alike) ? `use the setting \`${alike}\`.` : application;
}
