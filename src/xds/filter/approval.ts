import type { Approval } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import { approvalScript } from './approval-script.ts';
import type { Filter } from './filter.ts';
import { structOf } from './struct.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'approval';

/**
 * Asks a service whether a request may go on. Envoy's own filter for it sends the method and the path of the request, takes 200 alone
 * for a yes and lets through headers that the client forged; backends and services that came from nginx rely on the other way.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const approval: Filter = {
  name: 'envoy.filters.http.lua.approval',
  chain: () => ({
    config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: approvalScript } } }),
    disabled: true,
  }),
  route: ({ approval: wanted }) =>
    wanted && typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: structOf({ approval: sectionOf(wanted) }) }),
};

function sectionOf({ cluster, scheme, host, path, method, redirect, requestHeaders, copiedHeaders, setsCookiesAlways, signin, timeoutMs }: Approval) {
  return {
    cluster,
    scheme,
    host,
    path,
    method: method ?? '',
    redirect,
    headers: Object.fromEntries(requestHeaders.map(({ name, value }) => [name, value])),
    copied: Object.fromEntries(copiedHeaders.map((name) => [name, ''])),
    cookies: setsCookiesAlways ? 'always' : 'success',
    signin: signin ?? '',
    timeout: String(timeoutMs),
  };
}
