import { typed } from '../../proto/message.ts';
import type { Filter } from './filter.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'location';

/** The place comes with the route, so that a route never changes a listener. */
const source = `
function envoy_on_request(handle)
  local headers = handle:headers()
  local asked = handle:filterContext()
  local target = headers:get(':path')
  local authority = headers:get(':authority') or ''
  local parts = {
    scheme = handle:streamInfo():downstreamSslConnection() and 'https' or 'http',
    authority = authority,
    host = authority:gsub(':%d+$', ''),
    target = target,
    cut = target:gsub('/$', ''),
    saidScheme = headers:get('x-forwarded-proto'),
    saidHost = (headers:get('x-forwarded-host') or authority):match('^[^,]*'):gsub(':%d+$', ''),
    saidPort = headers:get('x-forwarded-port'),
    query = target:match('%?.*$') or '',
  }
  local place = asked:get('to'):gsub('{(%a+)|?(%d*)}', function(name, otherwise) return parts[name] or otherwise end)
  handle:respond({ [':status'] = asked:get('status'), location = place }, '')
end
`;

/**
 * Redirects to a place made of the request. Envoy's own redirects cannot leave out the port of the request or one slash at its
 * end, and cannot keep the one and drop the other.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const location: Filter = {
  name: 'envoy.filters.http.lua.location',
  chain: ({ direction }) =>
    direction === 'gateway'
      ? { config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: source } } }), disabled: true }
      : undefined,
  route: ({ action }) => {
    if (action.type !== 'location') return undefined;
    const fields = { to: { stringValue: action.to }, status: { stringValue: String(action.status) } };
    return typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: { fields } });
  },
};
