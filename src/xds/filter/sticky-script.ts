/**
 * What the Lua filter runs where a route asks for it. It holds no settings: these come with the route, so that a route never
 * changes a listener.
 *
 * A request without the cookie of a sticky split gets one before its route is chosen, so that the first request goes where the
 * later ones will; the backend sees the cookie as it will see it later, and the client gets it with the answer. The value is drawn
 * from a generator that the operating system seeds: every worker of every Envoy draws others.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const stickyScript = `
local function cookie_value(header, name)
  for pair in (header or ''):gmatch('[^;,]+') do
    local key, value = pair:match('^%s*(.-)%s*=%s*(.-)%s*$')
    if key == name then return value end
  end
end

local function draw()
  local parts = {}
  for index = 1, 4 do parts[index] = string.format('%08x', math.random(0, 4294967295)) end
  return table.concat(parts)
end

function envoy_on_request(handle)
  local split = handle:filterContext():get('split')
  local headers = handle:headers()
  local header = headers:get('cookie')
  local known = cookie_value(header, split.name)
  if known and known ~= '' then return end
  local value = draw()
  local pair = split.name .. '=' .. value
  headers:replace('cookie', header and (pair .. '; ' .. header) or pair)
  handle:clearRouteCache()
  local secure = headers:get('x-forwarded-proto') == 'https' and '; Secure' or ''
  handle:streamInfo():dynamicMetadata():set('sluice.sticky', 'cookie', pair .. split.attributes .. secure)
end

function envoy_on_response(handle)
  local made = handle:streamInfo():dynamicMetadata():get('sluice.sticky')
  if made then handle:headers():add('set-cookie', made.cookie) end
end

local random = io.open('/dev/urandom', 'rb')
local seed = 0
for _, byte in ipairs({ random:read(6):byte(1, 6) }) do seed = seed * 256 + byte end
random:close()
math.randomseed(seed)
`;
