import type { ForwardAction, Route, Session } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';
import { stickyScript } from './sticky-script.ts';
import { structOf } from './struct.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'sticky';

/**
 * Gives clients the cookie of a sticky split, and keeps sessions with their endpoint.
 * - Envoy reads the cookie of a hash policy where it chooses among weighted clusters, but makes none there.
 * - Envoy's own filter for sessions shows the address of the endpoint to the client.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const sticky: Filter = {
  name: 'envoy.filters.http.lua.sticky',
  chain: () => ({
    config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: stickyScript } } }),
    disabled: true,
  }),
  route: ({ action }: Route) => {
    if (action.type !== 'forward') return undefined;
    const split = splitTexts(action);
    if (!split && !action.session) return undefined;
    const sections = { ...(action.session && { session: sessionTexts(action.session) }), ...(split && { split }) };
    return typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: structOf(sections) });
  },
};

/**
 * What the script reads of a section, by name. `attributes` follow the value of a cookie, then `Secure` where the client came by HTTPS (or what `secure` says
 * instead), then `last`.
 */
type Texts = Readonly<Record<string, string>>;

function splitTexts({ backends, stickyOn }: ForwardAction): Texts | undefined {
  if (stickyOn?.type !== 'cookie' || backends.length < 2) return undefined;
  return { attributes: cookieAttributes(stickyOn.ttlMs), name: stickyOn.name };
}

function sessionTexts(session: Session): Texts {
  const { namespace, name } = session;
  if (session.type === 'header') return { header: name, namespace };
  const { expiresSeconds, maxAgeSeconds, domain, path, sameSite, secure } = session.attributes;
  const attributes = [maxAgeSeconds !== undefined && `Max-Age=${maxAgeSeconds}`, domain && `Domain=${domain}`, `Path=${path}`, secure === 'always' && 'Secure'];
  return {
    cookie: name,
    namespace,
    ...(expiresSeconds !== undefined && { expires: String(expiresSeconds) }),
    attributes: attributesText(attributes),
    last: attributesText(['HttpOnly', sameSite && `SameSite=${sameSite}`]),
    ...(secure === 'always' && { secure: '' }),
  };
}

function attributesText(parts: readonly (string | false | undefined)[]): string {
  return parts.flatMap((part) => (part ? [`; ${part}`] : [])).join('');
}

/** @param ttlMs 0 or undefined: until the browser is closed. */
function cookieAttributes(ttlMs: number | undefined): string {
  const maxAge = ttlMs ? `; Max-Age=${Math.ceil(ttlMs / 1000)}` : '';
  return `; Path=/${maxAge}; HttpOnly; SameSite=Lax`;
}
