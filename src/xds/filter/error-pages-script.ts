import { noEndpoint } from '../../ir/names.ts';
import { originalForwardedFor } from '../forwarded-headers.ts';
import { clientAddressLua } from './client-address-lua.ts';

/** Header by which a route tells the script who answered, `via_upstream` if it was the backend, and which endpoint was asked, if any was. */
export const answeredHeader = 'x-sluice-answered';

/**
 * What the Lua filter runs where a route asks for it; all settings come with the route. The request is remembered as it came, and sent to the service of the error
 * pages without its body; headers of our own and of Envoy stay here. That no endpoint is there is known by the words of Envoy.
 */
export const errorPagesScript = `
local not_passed = {
  host = true, connection = true, ['content-length'] = true, ['transfer-encoding'] = true, te = true, upgrade = true, expect = true,
  ['keep-alive'] = true, ['proxy-connection'] = true, ['accept-encoding'] = true,
}

${clientAddressLua}
local function is_ours(name)
  return name:find('^x%-envoy%-') ~= nil or name:find('^x%-sluice%-') ~= nil or name == '${originalForwardedFor}'
end

local function filled(text)
  return text ~= '' and text or nil
end

local function all(value)
  if value == nil then return {} end
  return type(value) == 'table' and value or { value }
end

local function question(request, pages, status, target)
  local asked = {}
  for name, value in pairs(request) do
    if name:sub(1, 1) ~= ':' and not not_passed[name] and not is_ours(name) then asked[name] = value end
  end
  asked[':method'], asked[':authority'], asked[':scheme'], asked[':path'] = request[':method'], request[':authority'], 'http', target
  asked['x-code'], asked['x-format'], asked['x-original-uri'] = status, request.accept, request[':path']
  asked['x-namespace'], asked['x-ingress-name'] = pages.namespace, pages.ingress
  asked['x-service-name'], asked['x-service-port'] = filled(pages.service), filled(pages.port)
  return asked
end

local function replaced(handle, pages, status, text, more)
  -- The body first, as it may have to be waited for: then what was had of the answer is gone.
  local body, headers, names = handle:body(true), handle:headers(), {}
  -- The page of a 401 asks for the password as well.
  local kept = headers:get(':status') == '401' and 'www-authenticate'
  for name in pairs(headers) do if name:sub(1, 1) ~= ':' and name ~= kept then names[#names + 1] = name end end
  for _, name in ipairs(names) do headers:remove(name) end
  headers:replace(':status', status)
  for name, value in pairs(more) do
    local is_hidden = not_passed[name] or is_ours(name) or pages.hidden:find(';' .. name .. ';', 1, true)
    if name:sub(1, 1) ~= ':' and not is_hidden then for _, one in ipairs(all(value)) do headers:add(name, one) end end
  end
  body:setBytes(text)
  headers:replace('content-length', tostring(#text))
end

-- Whoever stands in for a backend learns of the client what the backend would.
local function as_for_backend(request)
  local scheme = request['x-forwarded-proto']
  request['x-real-ip'], request['x-forwarded-host'] = request['x-forwarded-for'], request[':authority']
  request['x-forwarded-scheme'], request['x-scheme'] = scheme, scheme
  return request
end

local function ask(handle, request, pages, cluster, status, target)
  local options = { timeout_ms = 60000, return_duplicate_headers = true, send_xff = false }
  local given, text = handle:httpCall(cluster, question(request, pages, status, target), nil, options)
  local answered = all(given[':status'])[1] or '502'
  if answered == '503' and text == '${noEndpoint}' then return false end
  replaced(handle, pages, answered, text or '', given)
  return true
end

local function answer(handle)
  local headers, pages = handle:headers(), handle:filterContext():get('errors')
  local answered, status = headers:get('${answeredHeader}') or '', headers:get(':status')
  headers:remove('${answeredHeader}')
  local remembered = handle:streamInfo():dynamicMetadata():get('sluice.errors')
  if not remembered then return end
  local request = remembered.request
  if pages.standIn and status == '503' and not answered:find(':%d+$') then
    local body = handle:body(true)
    if body:getBytes(0, body:length()) == '${noEndpoint}' then
      if pages.standIn == '' then return replaced(handle, pages, '404', '', {}) end
      if ask(handle, as_for_backend(request), pages, pages.standIn, status, request[':path']) then return end
    end
  end
  local is_spared = pages.sparesBackend == 'true' and answered:find('^via_upstream')
  if is_spared or not pages.statuses:find(';' .. status .. ';', 1, true) then return end
  handle:body(true)
  for cluster in pages.clusters:gmatch('[^;]+') do
    if ask(handle, request, pages, cluster, status, '/' .. (request[':path']:match('%?.*$') or '')) then return end
  end
  replaced(handle, pages, '404', '', {})
end

function envoy_on_request(handle)
  local copy = {}
  for name, value in pairs(handle:headers()) do copy[name] = copy[name] and (copy[name] .. ', ' .. value) or value end
  copy['x-forwarded-for'] = client_address(handle)
  handle:streamInfo():dynamicMetadata():set('sluice.errors', 'request', copy)
end

function envoy_on_response(handle)
  local works, mistake = pcall(answer, handle)
  if not works then handle:logErr('the error page failed: ' .. tostring(mistake)) end
end
`;
