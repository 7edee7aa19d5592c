/** Header by which a route tells the script which endpoint was asked, if any was. */
export const answeredHeader = 'x-sluice-answered';

/**
 * What the Lua filter runs where a route asks for it; all settings come with the route. The request is remembered as it came, and sent to the service of the error
 * pages without its body. What Envoy says where no endpoint is there is known by its words.
 */
export const errorPagesScript = `
local not_passed = {
  host = true, connection = true, ['content-length'] = true, ['transfer-encoding'] = true, te = true, upgrade = true, expect = true,
  ['keep-alive'] = true, ['proxy-connection'] = true, ['accept-encoding'] = true,
}

local function all(value)
  if value == nil then return {} end
  return type(value) == 'table' and value or { value }
end

local function question(request, pages, status, target)
  local asked = {}
  for name, value in pairs(request) do
    if name:sub(1, 1) ~= ':' and not not_passed[name] then asked[name] = value end
  end
  asked[':method'], asked[':authority'], asked[':scheme'], asked[':path'] = request[':method'], request[':authority'], 'http', target
  asked['x-code'], asked['x-format'], asked['x-original-uri'] = status, request['accept'] or '', request[':path']
  asked['x-namespace'], asked['x-ingress-name'], asked['x-service-name'], asked['x-service-port'] = pages.namespace, pages.ingress, pages.service, pages.port
  return asked
end

local function replaced(handle, status, text, more)
  -- The body first, as it may have to be waited for: then what was had of the answer is gone.
  local body, headers, names = handle:body(true), handle:headers(), {}
  for name in pairs(headers) do if name:sub(1, 1) ~= ':' then names[#names + 1] = name end end
  for _, name in ipairs(names) do headers:remove(name) end
  headers:replace(':status', status)
  for name, value in pairs(more) do
    if name:sub(1, 1) ~= ':' and not not_passed[name] then for _, one in ipairs(all(value)) do headers:add(name, one) end end
  end
  body:setBytes(text)
  headers:replace('content-length', tostring(#text))
end

local function answer(handle)
  local headers, pages = handle:headers(), handle:filterContext():get('errors')
  local answered, status = headers:get('${answeredHeader}'), headers:get(':status')
  if answered then headers:remove('${answeredHeader}') end
  local remembered = handle:streamInfo():dynamicMetadata():get('sluice.errors')
  if not remembered then return end
  local request, target = remembered.request, nil
  if pages.takesOver == 'true' and status == '503' and not (answered or ''):find(':%d+$') then
    local body = handle:body(true)
    if body:getBytes(0, body:length()) == 'no healthy upstream' then target = request[':path'] end
  end
  if not target and pages.statuses:find(';' .. status .. ';', 1, true) then target = '/' .. (request[':path']:match('%?.*$') or '') end
  if not target then return end
  handle:body(true)
  if pages.cluster == '' then return replaced(handle, '404', '', {}) end
  local options = { timeout_ms = 60000, return_duplicate_headers = true, send_xff = false }
  local given, text = handle:httpCall(pages.cluster, question(request, pages, status, target), nil, options)
  replaced(handle, all(given[':status'])[1] or '502', text or '', given)
end

function envoy_on_request(handle)
  local copy = {}
  for name, value in pairs(handle:headers()) do copy[name] = copy[name] and (copy[name] .. ', ' .. value) or value end
  handle:streamInfo():dynamicMetadata():set('sluice.errors', 'request', copy)
end

function envoy_on_response(handle)
  local works, mistake = pcall(answer, handle)
  if not works then handle:logErr('the error page failed: ' .. tostring(mistake)) end
end
`;
