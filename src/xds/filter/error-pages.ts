import type { ErrorPages } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import { errorPagesScript } from './error-pages-script.ts';
import type { Filter } from './filter.ts';
import { structOf, type Texts } from './struct.ts';

/** Name of the script in the filter, by which routes ask for it. */
const script = 'error-pages';

/**
 * Replaces answers that fail by those of a service that is told what failed. Envoy's own filter for custom responses asks it by a redirect inside, which needs a
 * route that clients could ask for as well.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export const errorPages: Filter = {
  name: 'envoy.filters.http.lua.error_pages',
  chain: ({ direction }) =>
    direction === 'gateway'
      ? { config: typed('envoy.extensions.filters.http.lua.v3.Lua', { source_codes: { [script]: { inline_string: errorPagesScript } } }), disabled: true }
      : undefined,
  route: ({ errorPages: pages, hiddenHeaders = [] }) =>
    pages && typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { name: script, filter_context: structOf({ errors: textsOf(pages, hiddenHeaders) }) }),
};

/** Statuses as scripts look for one: `;404;503;`. */
export function statusList({ statuses }: Pick<ErrorPages, 'statuses'>): string {
  return `;${statuses.join(';')};`;
}

function textsOf({ clusters, statuses, sparesBackend, standIn, namespace, ingress, service, port }: ErrorPages, hiddenHeaders: readonly string[]): Texts {
  return {
    clusters: clusters.join(';'),
    statuses: statusList({ statuses }),
    ...(sparesBackend && { sparesBackend: 'true' }),
    ...(standIn && { standIn: standIn.cluster ?? '' }),
    hidden: `;${hiddenHeaders.join(';')};`,
    namespace,
    ingress,
    service,
    port,
  };
}
