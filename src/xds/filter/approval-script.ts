/** Dynamic metadata in which the script keeps what it needs when the answer comes. */
const metadata = 'sluice.approval';

/**
 * Asks a service whether a request may go on, as `auth_request` of nginx does it. It holds no settings: these come with the route, so
 * that a route never changes a listener.
 *
 * - An answer of 2xx lets the request on, 401 and 403 go to the client, all else is 500; so is a mistake of the script, for which Envoy
 *   itself would let the request on.
 * - Headers of the answer that the route names are set on the request, and those that the answer does not have are removed.
 * @see https://nginx.org/en/docs/http/ngx_http_auth_request_module.html
 */
export const approvalScript = `
local not_passed = {
  [':authority'] = true, [':method'] = true, [':path'] = true, [':scheme'] = true, [':protocol'] = true, host = true, connection = true,
  ['content-length'] = true, ['transfer-encoding'] = true, te = true, upgrade = true, expect = true, ['x-forwarded-proto'] = true,
  ['keep-alive'] = true, ['proxy-connection'] = true,
}
local cookie_statuses = {
  ['200'] = true, ['201'] = true, ['204'] = true, ['206'] = true, ['301'] = true, ['302'] = true, ['303'] = true, ['304'] = true,
  ['307'] = true, ['308'] = true,
}

local function escaped(text)
  return (text:gsub('[^%w%-%._~]', function(char) return string.format('%%%02X', char:byte()) end))
end

local function client_address(handle)
  local address = handle:streamInfo():downstreamRemoteAddress()
  return address:match('^%[(.+)%]:%d+$') or address:match('^(.+):%d+$') or address
end

local function variable(handle, name)
  local headers = handle:headers()
  local path, authority = headers:get(':path') or '/', headers:get(':authority') or ''
  if name == 'host' then return (authority:gsub(':%d+$', ''):lower()) end
  if name == 'http_host' then return authority end
  if name == 'request_uri' then return path end
  if name == 'escaped_request_uri' then return escaped(path) end
  if name == 'uri' then return (path:gsub('%?.*$', '')) end
  if name == 'args' then return path:match('%?(.*)$') or '' end
  if name == 'request_method' then return headers:get(':method') end
  if name == 'remote_addr' then return client_address(handle) end
  if name == 'scheme' then return handle:streamInfo():downstreamSslConnection() and 'https' or 'http' end
  if name == 'pass_access_scheme' then return headers:get('x-forwarded-proto') or 'http' end
  return headers:get(name:match('^http_(.+)$'):gsub('_', '-')) or ''
end

local function filled(handle, text)
  return (text:gsub('%$%{?([%w_]+)%}?', function(name) return variable(handle, name) end))
end

local function question(handle, approval)
  local asked = {}
  for name, value in pairs(handle:headers()) do
    if not not_passed[name] then
      local before = asked[name]
      if before == nil then asked[name] = value
      elseif type(before) == 'table' then before[#before + 1] = value
      else asked[name] = { before, value } end
    end
  end
  local address = client_address(handle)
  asked['x-original-url'] = filled(handle, '$scheme://$http_host$request_uri')
  asked['x-original-method'] = handle:headers():get(':method')
  asked['x-sent-from'] = 'nginx-ingress-controller'
  asked['x-real-ip'] = address
  asked['x-forwarded-for'] = address
  asked['x-auth-request-redirect'] = filled(handle, approval.redirect)
  if approval.method ~= '' then
    asked['x-original-uri'] = filled(handle, '$request_uri')
    asked['x-scheme'] = filled(handle, '$pass_access_scheme')
  end
  for name, value in pairs(approval.headers) do asked[name] = filled(handle, value) end
  asked[':method'] = approval.method == '' and 'GET' or approval.method
  asked[':path'] = filled(handle, approval.path)
  asked[':authority'] = filled(handle, approval.host)
  asked[':scheme'] = approval.scheme
  return asked
end

local function first(value)
  if type(value) == 'table' then return value[1] end
  return value
end

local function all(value)
  if value == nil then return {} end
  return type(value) == 'table' and value or { value }
end

local function refused(handle, approval, status, answer)
  local headers = { [':status'] = status }
  if status == '401' and approval.signin ~= '' then
    headers = { [':status'] = '302', location = filled(handle, approval.signin) }
    if answer['set-cookie'] then headers['set-cookie'] = answer['set-cookie'] end
  elseif status == '401' and answer['www-authenticate'] then
    headers['www-authenticate'] = answer['www-authenticate']
  end
  handle:respond(headers, '')
end

local function ask(handle)
  local approval = handle:filterContext():get('approval')
  local options = { timeout_ms = tonumber(approval.timeout), return_duplicate_headers = true, send_xff = false }
  local answer = handle:httpCall(approval.cluster, question(handle, approval), nil, options)
  local status = first(answer[':status']) or ''
  if not status:find('^2%d%d$') then return refused(handle, approval, (status == '401' or status == '403') and status or '500', answer) end
  local headers = handle:headers()
  for name in pairs(approval.copied) do
    local value = first(answer[name])
    if value == nil or value == '' then headers:remove(name) else headers:replace(name, value) end
  end
  for index, cookie in ipairs(all(answer['set-cookie'])) do
    handle:streamInfo():dynamicMetadata():set('${metadata}', 'cookie' .. index, cookie)
  end
end

function envoy_on_request(handle)
  local works, mistake = pcall(ask, handle)
  if works then return end
  handle:logErr('asking the service failed: ' .. tostring(mistake))
  handle:respond({ [':status'] = '500' }, '')
end

function envoy_on_response(handle)
  local made = handle:streamInfo():dynamicMetadata():get('${metadata}')
  if not made then return end
  local headers = handle:headers()
  if handle:filterContext():get('approval').cookies ~= 'always' and not cookie_statuses[headers:get(':status')] then return end
  local index = 1
  while made['cookie' .. index] do
    headers:add('set-cookie', made['cookie' .. index])
    index = index + 1
  end
end
`;
