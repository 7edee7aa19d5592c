import { approvalPlace } from '../../ir/names.ts';
import { originalForwardedFor } from '../forwarded-headers.ts';
import { clientAddressLua } from './client-address-lua.ts';
import { addressMetadata } from './satisfy.ts';

/**
 * Lets a request on by a password, as `auth_basic` of nginx does it, and by what a service says, as `auth_request` does. It holds no
 * settings: these come with the route, so that a route never changes a listener.
 *
 * - Our auth service says whether the password is right; without it the answer is 503.
 * - An answer of 2xx of the other service lets the request on, 401 and 403 go to the client, all else is 500; so is a mistake of the script,
 *   for which Envoy itself would let the request on.
 * - Where one check is enough, one that lets a request on ends it; of several refusals 401 goes before 403, as clients can do something about it.
 * - What the service said, and how long it took, is there for the access log where the route asks for that.
 * - The service gets the headers of the client but for those of Envoy, and is told of its address and its certificate as backends are.
 * - Headers of the answer that the route names are set on the request, and those that the answer does not have are removed.
 * @see https://nginx.org/en/docs/http/ngx_http_auth_request_module.html
 */
export const approvalScript = `
local not_passed = {
  [':authority'] = true, [':method'] = true, [':path'] = true, [':scheme'] = true, [':protocol'] = true, host = true, connection = true,
  ['content-length'] = true, ['transfer-encoding'] = true, te = true, upgrade = true, expect = true, ['x-forwarded-proto'] = true,
  ['keep-alive'] = true, ['proxy-connection'] = true, ['${originalForwardedFor}'] = true,
}
local cookie_statuses = {
  ['200'] = true, ['201'] = true, ['204'] = true, ['206'] = true, ['301'] = true, ['302'] = true, ['303'] = true, ['304'] = true,
  ['307'] = true, ['308'] = true,
}

local function escaped(text)
  -- What set_escape_uri leaves as it is.
  return (text:gsub("[^%w!$'()*,%-.@_\`|~]", function(char) return string.format('%%%02X', char:byte()) end))
end

${clientAddressLua}
local digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

local function remote_user(authorization)
  local encoded = authorization:match('^[Bb][Aa][Ss][Ii][Cc] +([%w%+/]+)=*%s*$') or ''
  local value, bits, bytes = 0, 0, {}
  for digit in encoded:gmatch('.') do
    value, bits = value * 64 + digits:find(digit, 1, true) - 1, bits + 6
    if bits >= 8 then
      bits = bits - 8
      bytes[#bytes + 1] = string.char(math.floor(value / 2 ^ bits))
      value = value % 2 ^ bits
    end
  end
  return table.concat(bytes):match('^(.-):') or ''
end

local function cookie_value(cookies, wanted)
  for name, value in cookies:gmatch('([^=;%s]+)=([^;]*)') do
    if name == wanted then return value end
  end
  return ''
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
  if name == 'remote_user' then return remote_user(headers:get('authorization') or '') end
  local cookie = name:match('^cookie_(.+)$')
  if cookie then return cookie_value(headers:get('cookie') or '', cookie) end
  return headers:get(name:match('^http_(.+)$'):gsub('_', '-')) or ''
end

local function filled(handle, text)
  return (text:gsub('%$%{?([%w_]+)%}?', function(name) return variable(handle, name) end))
end

local function forwarded_for(handle, approval)
  if not approval.full then return client_address(handle) end
  local peer = without_port(handle:streamInfo():downstreamDirectRemoteAddress())
  local said = handle:headers():get('${originalForwardedFor}')
  return said and said .. ', ' .. peer or peer
end

local function tell_certificate(handle, asked, certificate)
  local connection = handle:streamInfo():downstreamSslConnection()
  local is_told = certificate.verify ~= '' and certificate.verify ~= 'NONE'
  asked['ssl-client-verify'] = certificate.verify ~= '' and certificate.verify or nil
  asked['ssl-client-subject-dn'] = is_told and connection:subjectPeerCertificate() or nil
  asked['ssl-client-issuer-dn'] = is_told and connection:issuerPeerCertificate() or nil
  asked['ssl-client-cert'] = certificate.passes and connection:urlEncodedPemEncodedPeerCertificate() or nil
end

local function question(handle, approval)
  local asked = {}
  for name, value in pairs(handle:headers()) do
    if not not_passed[name] and not name:find('^x%-envoy%-') and not name:find('^x%-sluice%-') then
      local before = asked[name]
      if before == nil then asked[name] = value
      elseif type(before) == 'table' then before[#before + 1] = value
      else asked[name] = { before, value } end
    end
  end
  asked['x-original-url'] = filled(handle, '$scheme://$http_host$request_uri')
  asked['x-original-method'] = handle:headers():get(':method')
  asked['x-sent-from'] = 'nginx-ingress-controller'
  asked['x-real-ip'] = client_address(handle)
  asked['x-forwarded-for'] = forwarded_for(handle, approval)
  asked['x-auth-request-redirect'] = filled(handle, approval.redirect)
  if approval.method ~= '' then
    asked['x-original-uri'] = filled(handle, '$request_uri')
    asked['x-scheme'] = filled(handle, '$pass_access_scheme')
  end
  if approval.certificate then tell_certificate(handle, asked, approval.certificate) end
  for name, value in pairs(approval.headers) do
    local text = filled(handle, value)
    asked[name] = text ~= '' and text or nil
  end
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

local function authz(handle, cluster, method, path, headers, sealed)
  headers[':method'], headers[':path'], headers[':authority'] = method, path, 'authz'
  return handle:httpCall(cluster, headers, sealed, { timeout_ms = 10000, send_xff = false })
end

local function seconds_to_keep(answer, status, seconds)
  local control = (first(answer['cache-control']) or ''):lower()
  local own = first(answer['x-accel-expires'])
  if answer['set-cookie'] or answer.vary then return 0 end
  if own then return tonumber(own) or 0 end
  if answer.expires or control:find('no%-cache') or control:find('no%-store') or control:find('private') then return 0 end
  return tonumber(control:match('s%-maxage=(%d+)') or control:match('max%-age=(%d+)') or seconds[status] or seconds.any or 0)
end

local function kept(handle, service, key)
  local found = authz(handle, service.kept.cluster, 'POST', '/verdict', { ['x-key'] = key }, service.kept.scope)
  if found[':status'] ~= '200' then return end
  local answer = {}
  for name, value in pairs(found) do
    local own = name:match('^x%-kept%-(.+)$')
    if own then answer[own == 'status' and ':status' or own] = value end
  end
  return answer
end

local function keep(handle, service, key, answer)
  local seconds = seconds_to_keep(answer, first(answer[':status']), service.kept.seconds)
  if seconds <= 0 then return end
  local headers = { ['x-key'] = key, ['x-keep-ms'] = tostring(seconds * 1000), ['x-kept-status'] = first(answer[':status']) }
  for name in pairs(service.copied) do headers['x-kept-' .. name] = first(answer[name]) end
  headers['x-kept-www-authenticate'] = first(answer['www-authenticate'])
  authz(handle, service.kept.cluster, 'PUT', '/verdict', headers, service.kept.scope)
end

local function answered(handle, service)
  local key = service.kept and handle:base64Escape(filled(handle, service.kept.key))
  local before = key and kept(handle, service, key)
  if before then return before end
  local options = { timeout_ms = tonumber(service.timeout), return_duplicate_headers = true, send_xff = false }
  local answer = handle:httpCall(service.cluster, question(handle, service), nil, options)
  if key then keep(handle, service, key, answer) end
  return answer
end

-- Each check gives nothing where it lets the request on, else what the client is told.
local function by_service(handle, service)
  local before = service.logged and handle:timestamp()
  local answer = answered(handle, service)
  local status = first(answer[':status']) or ''
  if before then
    local told = handle:streamInfo():dynamicMetadata()
    told:set('${approvalPlace}', 'status', tonumber(status) or 0)
    told:set('${approvalPlace}', 'seconds', (handle:timestamp() - before) / 1000)
  end
  if not status:find('^2%d%d$') then
    return { status = (status == '401' or status == '403') and status or '500', challenge = answer['www-authenticate'], cookies = answer['set-cookie'] }
  end
  local headers = handle:headers()
  for name in pairs(service.copied) do
    local value = first(answer[name])
    if value == nil or value == '' then headers:remove(name) else headers:replace(name, value) end
  end
  for index, cookie in ipairs(all(answer['set-cookie'])) do
    handle:streamInfo():dynamicMetadata():set('${approvalPlace}', 'cookie' .. index, cookie)
  end
end

local function by_password(handle, passwords)
  local authorization = handle:headers():get('authorization')
  if authorization then
    local status = authz(handle, passwords.cluster, 'POST', '/password', { authorization = authorization }, passwords.users)[':status']
    if status == '200' then return end
    if status ~= '401' then return { status = '503' } end
  end
  return { status = '401', challenge = 'Basic realm="' .. passwords.realm .. '"' }
end

local function by_address(handle, addresses)
  local found = handle:streamInfo():dynamicMetadata():get('${addressMetadata.filter}') or {}
  local may_ask = found['${addressMetadata.key}'] == '${addressMetadata.holds}'
  if not may_ask and addresses ~= 'nothing' then return { status = '403' } end
  return nil, may_ask and addresses == 'allow'
end

local function refuse(handle, service, refusal)
  local headers = { [':status'] = refusal.status }
  if refusal.status == '401' and service and service.signin ~= '' then
    headers = { [':status'] = '302', location = filled(handle, service.signin), ['set-cookie'] = refusal.cookies }
  else
    headers['www-authenticate'] = refusal.status == '401' and refusal.challenge or nil
    headers['set-cookie'] = service and service.cookies == 'always' and refusal.cookies or nil
  end
  handle:respond(headers, '')
end

local function check(handle)
  local checks = handle:filterContext():get('approval')
  local refusal
  if checks.any then
    local is_enough
    refusal, is_enough = by_address(handle, checks.any)
    if is_enough then return end
  end
  for _, one in ipairs({ { checks.passwords, by_password }, { checks.service, by_service } }) do
    local wanted, ask = one[1], one[2]
    if wanted then
      local found = ask(handle, wanted)
      if not found and checks.any then return end
      if found and not (checks.any and (found.status == '401' or found.status == '403')) then return refuse(handle, checks.service, found) end
      if found and not (refusal and refusal.status == '401') then refusal = found end
    end
  end
  if refusal then refuse(handle, checks.service, refusal) end
end

function envoy_on_request(handle)
  local works, mistake = pcall(check, handle)
  if works then return end
  handle:logErr('finding out whether a request may go on failed: ' .. tostring(mistake))
  handle:respond({ [':status'] = '500' }, '')
end

function envoy_on_response(handle)
  local made = handle:streamInfo():dynamicMetadata():get('${approvalPlace}')
  if not made then return end
  local headers = handle:headers()
  if handle:filterContext():get('approval').service.cookies ~= 'always' and not cookie_statuses[headers:get(':status')] then return end
  local index = 1
  while made['cookie' .. index] do
    headers:add('set-cookie', made['cookie' .. index])
    index = index + 1
  end
end
`;
