import type { ForwardAction, Route } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';
import { stickyScript } from './sticky-script.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'sticky';

/**
 * Gives clients the cookie of a sticky split. Envoy reads that of a hash policy where it chooses among weighted clusters, but makes
 * none there.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const sticky: Filter = {
  name: 'envoy.filters.http.lua.sticky',
  chain: () => ({
    config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: stickyScript } } }),
    disabled: true,
  }),
  route: ({ action }: Route) => {
    const cookie = action.type === 'forward' ? splitCookie(action) : undefined;
    return cookie && typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: contextOf({ split: cookie }) });
  },
};

interface Cookie {
  readonly name: string;
  /** What follows the value, beginning with `; `. `Secure` is added where the client came by HTTPS. */
  readonly attributes: string;
}

function splitCookie({ backends, stickyOn }: ForwardAction): Cookie | undefined {
  if (stickyOn?.type !== 'cookie' || backends.length < 2) return undefined;
  return { name: stickyOn.name, attributes: cookieAttributes(stickyOn.ttlMs) };
}

/** @param ttlMs 0 or undefined: until the browser is closed. */
function cookieAttributes(ttlMs: number | undefined): string {
  const maxAge = ttlMs ? `; Max-Age=${Math.ceil(ttlMs / 1000)}` : '';
  return `; Path=/${maxAge}; HttpOnly; SameSite=Lax`;
}

/** Texts by section and name as a protobuf structure. */
function contextOf(sections: Readonly<Record<string, Cookie>>) {
  const fields = Object.entries(sections).map(([section, texts]) => {
    const values = Object.entries(texts).map(([name, text]): [string, { stringValue: string }] => [name, { stringValue: text }]);
    return [section, { structValue: { fields: Object.fromEntries(values) } }] as const;
  });
  return { fields: Object.fromEntries(fields) };
}
