import { typed } from '../../proto/message.ts';
import { statusList } from './error-pages.ts';
import { answeredHeader } from './error-pages-script.ts';
import type { Filter } from './filter.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'answer-places';

/** What is replaced comes with the route, so that a route never changes a listener. */
const source = `
local function begun(text, change)
  if text:sub(1, #change.from) ~= change.from then return text end
  return change.to .. text:sub(#change.from + 1)
end

local function without_dot(domain) return (domain:gsub('^%.', '')) end

local function attribute(cookie, wanted, changed)
  return (cookie:gsub('(;%s*)([^;=%s]+)(%s*=%s*)([^;]*)', function(before, name, equals, value)
    if name:lower() == wanted then return before .. name .. equals .. changed(value) end
  end))
end

local function is_replaced(headers, statuses)
  return statuses and statuses:find(';' .. headers:get(':status') .. ';', 1, true) and (headers:get('${answeredHeader}') or ''):find(':%d+$')
end

function envoy_on_response(handle)
  local headers, changes = handle:headers(), handle:filterContext()
  if is_replaced(headers, changes:get('replaced')) then
    for chunk in handle:bodyChunks() do chunk:setBytes('') end
    return
  end
  local location, refresh, domain, path = changes:get('location'), changes:get('refresh'), changes:get('cookieDomain'), changes:get('cookiePath')
  local place = location and headers:get('location')
  if place then headers:replace('location', begun(place, location)) end
  local before, url = (refresh and headers:get('refresh') or ''):match('^(.-[uU][rR][lL]=)(.*)$')
  if url then headers:replace('refresh', before .. begun(url, refresh)) end
  local cookies = {}
  if not domain and not path then return end
  for at = 0, headers:getNumValues('set-cookie') - 1 do cookies[#cookies + 1] = headers:getAtIndex('set-cookie', at) end
  if #cookies > 0 then headers:remove('set-cookie') end
  for _, cookie in ipairs(cookies) do
    if domain then
      cookie = attribute(cookie, 'domain', function(value)
        local dot, name = value:match('^(%.?)(.*)$')
        return name:lower() == without_dot(domain.from):lower() and dot .. without_dot(domain.to) or value
      end)
    end
    if path then cookie = attribute(cookie, 'path', function(value) return begun(value, path) end) end
    headers:add('set-cookie', cookie)
  end
end
`;

/**
 * Changes the Location, the Refresh and the cookies of answers, where a route asks for it: Envoy has nothing that changes a part of a header
 * of an answer. Of one that an error page takes the place of it lets no byte of the body pass: the script of error pages has to wait
 * for its end, and Envoy holds no more than 32 KiB of it.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const answerPlaces: Filter = {
  name: 'envoy.filters.http.lua.answer_places',
  chain: ({ direction }) =>
    direction === 'gateway'
      ? { config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: source } } }), disabled: true }
      : undefined,
  route: ({ answerPlaces: places = {}, errorPages }) => {
    const fields = Object.entries(places).map(([name, { from, to }]): [string, object] => [
      name,
      { structValue: { fields: { from: { stringValue: from }, to: { stringValue: to } } } },
    ]);
    if (errorPages && !errorPages.sparesBackend && errorPages.statuses.length > 0) fields.push(['replaced', { stringValue: statusList(errorPages) }]);
    if (fields.length === 0) return undefined;
    return typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: { fields: Object.fromEntries(fields) } });
  },
};
