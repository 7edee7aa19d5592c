import { typed } from '../../proto/message.ts';
import { mayAsk, rulesFor } from './access.ts';
import type { Filter } from './filter.ts';

/** Where the filter tells whether the address of a client is one that may ask. */
export const addressMetadata = { filter: 'envoy.filters.http.rbac', key: 'address_shadow_engine_result', prefix: 'address_', holds: 'allowed' } as const;

/**
 * Finds out what the address of a client says, where it is not all that counts, and refuses nobody.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
export const satisfy: Filter = {
  name: 'envoy.filters.http.rbac.satisfy',
  chain: () => ({ config: typed('envoy.extensions.filters.http.rbac.v3.RBAC', {}), disabled: true }),
  route: ({ access, isAnyEnough }) => {
    if (!isAnyEnough || !access) return undefined;
    const rbac = { shadow_rules: rulesFor(mayAsk(access)), shadow_rules_stat_prefix: addressMetadata.prefix };
    return typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', { rbac });
  },
};
