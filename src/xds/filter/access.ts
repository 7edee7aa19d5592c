import type { Access, ClientLimit } from '../../ir/route.ts';
import { type Message, typed } from '../../proto/message.ts';
import { uint32 } from '../../proto/values.ts';
import type { Filter } from './filter.ts';

type Principal = Message<'envoy.config.rbac.v3.Principal'>;

/** Where the filter tells, for a route whose limit does not hold for all clients, whether it holds: `allowed` is a client that it does not hold for. */
export const exceptMetadata = { filter: 'envoy.filters.http.rbac', key: 'except_shadow_engine_result', prefix: 'except_', holds: 'denied' } as const;

/**
 * Lets in who may ask, by address, and finds out whom a limit does not hold for.
 * The address is that of the client, not of a trusted proxy in front.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
export const access: Filter = {
  name: 'envoy.filters.http.rbac',
  chain: () => ({ config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {}), disabled: true }),
  route: ({ access: written, isAnyEnough, clientLimit }) => {
    const except = clientLimit?.except ?? [];
    const rules = isAnyEnough ? undefined : written;
    if (!rules && except.length === 0) return undefined;
    return typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', {
      rbac: {
        ...(rules && { rules: rulesFor(mayAsk(rules)) }),
        ...(except.length > 0 && { shadow_rules: rulesFor(anyOf(except.map(fromNetwork))), shadow_rules_stat_prefix: exceptMetadata.prefix }),
      },
    });
  },
};

/** Whether a limit has clients that it does not hold for. */
export function hasExceptions({ except }: ClientLimit): boolean {
  return except.length > 0;
}

export function rulesFor(principal: Principal): Message<'envoy.config.rbac.v3.RBAC'> {
  return { action: 'ALLOW', policies: { clients: { permissions: [{ any: true }], principals: [principal] } } };
}

export function mayAsk({ allowed, denied }: Access): Principal {
  const conditions: Principal[] = [
    ...(allowed ? [anyOf(allowed.map(fromNetwork))] : []),
    ...(denied.length > 0 ? [{ not_id: anyOf(denied.map(fromNetwork)) }] : []),
  ];
  return conditions.length > 0 ? { and_ids: { ids: conditions } } : { any: true };
}

/** None of nothing: an empty list lets nobody in. */
function anyOf(ids: Principal[]): Principal {
  return ids.length > 0 ? { or_ids: { ids } } : { not_id: { any: true } };
}

function fromNetwork(cidr: string): Principal {
  const [address = '', length] = cidr.split('/');
  return { remote_ip: { address_prefix: address, prefix_len: uint32(Number(length)) } };
}
