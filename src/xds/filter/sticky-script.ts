/** Header by which a route tells the script the address of the endpoint that answered. */
export const endpointHeader = 'x-sluice-endpoint';

/**
 * Header by which the filter of the session keys hands them to the script: `;NAMESPACE=KEY;NAMESPACE=KEY;`, keys of 32 hexadecimal characters.
 * It has underscores so that clients of most listeners cannot bring it along.
 */
export const keysHeader = 'x_sluice_session_keys';

/**
 * What the Lua filter runs where a route asks for it. It holds no settings: these come with the route, so that a route never
 * changes a listener.
 *
 * - `split`: a request without the cookie of a sticky split gets one before its route is chosen, so that the first request goes where
 *   the later ones will; the backend sees the cookie as it will see it later, and the client gets it with the answer. The value is
 *   drawn from a generator that the operating system seeds: every worker of every Envoy draws others.
 * - `session`: a token names the endpoint that answered, and has later requests go there while it may be chosen. It is the address,
 *   sealed: encrypted by XTEA in CBC mode, with a CBC-MAC of it as the first block, so that equal beginnings of addresses do not
 *   show and a token that nobody made is known as such. The same endpoint has the same token, on every Envoy that has the key. The key
 *   comes with the request, in a header that is taken away first of all.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const stickyScript = `
local tobit, bxor, band, lshift, rshift, tohex = bit.tobit, bit.bxor, bit.band, bit.lshift, bit.rshift, bit.tohex
local delta = 0x9E3779B9

local function words(text, bytes, read)
  local found = {}
  for at = 1, #text, bytes do found[#found + 1] = read(text:sub(at, at + bytes - 1)) end
  return found
end

local function from_bytes(four)
  local a, b, c, d = four:byte(1, 4)
  return tobit(((a * 256 + b) * 256 + c) * 256 + d)
end

local function from_hex(eight) return tobit(tonumber(eight, 16)) end

local function to_bytes(word)
  return string.char(band(rshift(word, 24), 255), band(rshift(word, 16), 255), band(rshift(word, 8), 255), band(word, 255))
end

local function mixed(word) return tobit(bxor(lshift(word, 4), rshift(word, 5)) + word) end

local function encipher(a, b, key)
  local sum = 0
  for _ = 1, 32 do
    a = tobit(a + bxor(mixed(b), tobit(sum + key[band(sum, 3) + 1])))
    sum = tobit(sum + delta)
    b = tobit(b + bxor(mixed(a), tobit(sum + key[band(rshift(sum, 11), 3) + 1])))
  end
  return a, b
end

local function decipher(a, b, key)
  local sum = tobit(delta * 32)
  for _ = 1, 32 do
    b = tobit(b - bxor(mixed(a), tobit(sum + key[band(rshift(sum, 11), 3) + 1])))
    sum = tobit(sum - delta)
    a = tobit(a - bxor(mixed(b), tobit(sum + key[band(sum, 3) + 1])))
  end
  return a, b
end

local function code_of(plain, length, key)
  local a, b = encipher(length, 0, key)
  for at = 1, #plain, 2 do a, b = encipher(bxor(a, plain[at]), bxor(b, plain[at + 1]), key) end
  return a, b
end

local function sealed(text, key)
  local plain = words(text .. ('\\0'):rep(-#text % 8), 4, from_bytes)
  local a, b = code_of(plain, #text, key)
  local parts = { tohex(a), tohex(b) }
  for at = 1, #plain, 2 do
    a, b = encipher(bxor(a, plain[at]), bxor(b, plain[at + 1]), key)
    parts[#parts + 1] = tohex(a) .. tohex(b)
  end
  return table.concat(parts)
end

-- Also keeps what a client says from filling the memory of what was opened.
local function is_token(text) return #text >= 32 and #text <= 160 and #text % 16 == 0 and not text:find('%X') end

local function opened(token, key)
  local all = words(token, 8, from_hex)
  local plain, parts = {}, {}
  for at = 3, #all, 2 do
    local a, b = decipher(all[at], all[at + 1], key)
    plain[at - 2], plain[at - 1] = bxor(a, all[at - 2]), bxor(b, all[at - 1])
    parts[#parts + 1] = to_bytes(plain[at - 2]) .. to_bytes(plain[at - 1])
  end
  local text = table.concat(parts):gsub('%z+$', '')
  local a, b = code_of(plain, #text, key)
  return a == all[1] and b == all[2] and text or nil
end

-- Endpoints are few and asked for again and again; a table that grew over them is thrown away.
local function remembering(compute)
  local known, count = {}, 0
  return function(text, hex)
    local name = hex .. text
    local found = known[name]
    if found == nil then
      if count >= 4096 then known, count = {}, 0 end
      found = compute(text, words(hex, 8, from_hex)) or false
      known[name], count = found, count + 1
    end
    return found or nil
  end
end
local token_of, address_of = remembering(sealed), remembering(opened)

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

local function split_request(handle, split, secure)
  local headers = handle:headers()
  local header = headers:get('cookie')
  local known = cookie_value(header, split.name)
  if known and known ~= '' then return end
  local pair = split.name .. '=' .. draw()
  headers:replace('cookie', header and (pair .. '; ' .. header) or pair)
  handle:clearRouteCache()
  handle:streamInfo():dynamicMetadata():set('sluice.sticky', 'cookie', pair .. split.attributes .. secure)
end

-- The keys that the worker saw last, by namespace: for answers, which come without them. Metadata of the request could be logged.
local key_of, seen = {}, nil
local function take_keys(headers)
  local all = headers:get('${keysHeader}')
  if not all then return end
  headers:remove('${keysHeader}')
  if all == seen then return end
  key_of, seen = {}, all
  for namespace, key in all:gmatch('([^;=]+)=(%x+)') do key_of[namespace] = key end
end

local function session_request(handle, session)
  local headers = handle:headers()
  local key = key_of[session.namespace]
  if not key then return end
  local token
  if session.cookie then token = cookie_value(headers:get('cookie'), session.cookie) else token = headers:get(session.header) end
  local address = token and is_token(token) and address_of(token, key)
  if not address then return end
  handle:setUpstreamOverrideHost(address, false)
  handle:streamInfo():dynamicMetadata():set('sluice.sticky', 'endpoint', address)
end

function envoy_on_request(handle)
  take_keys(handle:headers())
  local context = handle:filterContext()
  local secure = handle:headers():get('x-forwarded-proto') == 'https' and '; Secure' or ''
  local split, session = context:get('split'), context:get('session')
  if split then split_request(handle, split, secure) end
  if session then
    handle:streamInfo():dynamicMetadata():set('sluice.sticky', 'secure', secure)
    session_request(handle, session)
  end
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local made = handle:streamInfo():dynamicMetadata():get('sluice.sticky') or {}
  if made.cookie then headers:add('set-cookie', made.cookie) end
  local session = handle:filterContext():get('session')
  if not session then return end
  local address = headers:get('${endpointHeader}')
  headers:remove('${endpointHeader}')
  local key = key_of[session.namespace]
  if not key or not address or not address:find(':%d+$') then return end
  if session.header then
    headers:replace(session.header, token_of(address, key))
  elseif address ~= made.endpoint then
    local expires = session.expires and os.date('!; Expires=%a, %d %b %Y %H:%M:%S GMT', os.time() + tonumber(session.expires)) or ''
    local text = expires .. session.attributes .. (session.secure or made.secure or '') .. session.last
    headers:add('set-cookie', session.cookie .. '=' .. token_of(address, key) .. text)
  end
end

local random = io.open('/dev/urandom', 'rb')
local seed = 0
for _, byte in ipairs({ random:read(6):byte(1, 6) }) do seed = seed * 256 + byte end
random:close()
math.randomseed(seed)
`;
