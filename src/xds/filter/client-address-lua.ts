/** Functions of scripts: `client_address(handle)`, the address of the client without its port, and `without_port(address)`, any of Envoy's addresses. */
export const clientAddressLua = `
local function without_port(address)
  return address:match('^%[(.+)%]:%d+$') or address:match('^(.+):%d+$') or address
end

local function client_address(handle)
  return without_port(handle:streamInfo():downstreamRemoteAddress())
end
`;
