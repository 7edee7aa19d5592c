import type { Access, Approval, Passwords, Route } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import { approvalScript } from './approval-script.ts';
import type { Filter } from './filter.ts';
import { structOf, type Texts } from './struct.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'approval';

/**
 * Lets a request on by a password, or by what a service says. Envoy's own filter for passwords knows SHA-1 alone, and its filter for services sends the method and the path of the request, takes 200 alone
 * for a yes and lets through headers that the client forged; backends and services that came from nginx rely on the other way.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const approval: Filter = {
  name: 'envoy.filters.http.lua.approval',
  chain: () => ({
    config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: approvalScript } } }),
    disabled: true,
  }),
  route: (route) => {
    if (!route.passwords && !route.approval) return undefined;
    return typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: structOf({ approval: checksOf(route) }) });
  },
};

function checksOf({ passwords, approval: service, isAnyEnough, access, forwarded, clientCertificate }: Route): Texts {
  return {
    ...(passwords && { passwords: passwordsSection(passwords) }),
    ...(service && {
      service: {
        ...serviceSection(service),
        ...(forwarded?.keepsForwardedFor && { full: 'yes' }),
        ...(clientCertificate && { certificate: certificateSection(clientCertificate) }),
      },
    }),
    ...(isAnyEnough && { any: addressesOf(access) }),
  };
}

/** What the address of a client may say: `allow` may let it in, `deny` only keep it out. */
function addressesOf(access: Access | undefined): string {
  if (access?.allowed) return 'allow';
  return access && access.denied.length > 0 ? 'deny' : 'nothing';
}

function passwordsSection({ cluster, users, realm }: Passwords): Texts {
  return { cluster, users, realm };
}

function certificateSection({ verify, passesCertificate }: NonNullable<Route['clientCertificate']>): Texts {
  return { verify: verify ?? '', ...(passesCertificate && { passes: 'yes' }) };
}

function serviceSection({
  cluster,
  scheme,
  host,
  path,
  method,
  redirect,
  requestHeaders,
  copiedHeaders,
  setsCookiesAlways,
  signin,
  kept,
  timeoutMs,
  isLogged,
}: Approval): Texts {
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
    ...(isLogged && { logged: 'yes' }),
    ...(kept && { kept: { ...kept, seconds: Object.fromEntries(Object.entries(kept.seconds).map(([status, seconds]) => [status, String(seconds)])) } }),
  };
}
