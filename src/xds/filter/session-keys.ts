import { sessionKeysName } from '../../ir/names.ts';
import type { Route } from '../../ir/route.ts';
import { typed } from '../../proto/message.ts';
import { overAds } from '../config-source.ts';
import type { Filter } from './filter.ts';
import { keysHeader } from './sticky-script.ts';
import { switchedOn } from './switched.ts';

/**
 * Hands the keys of sessions to the script that seals and opens tokens: from a secret into a header of the request, so that no key
 * stands in a route or a listener. A client's own header of the name never gets to a filter.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/credential_injector_filter
 */
export const sessionKeys: Filter = {
  name: 'envoy.filters.http.credential_injector.session_keys',
  chain: ({ direction }) => (direction === 'inbound' ? undefined : { config: injector, disabled: true }),
  route: (route) => (keepsSessions(route) ? switchedOn : undefined),
};

/** Whether the requests of a route stay with one endpoint. */
export function keepsSessions({ action }: Route): boolean {
  return action.type === 'forward' && action.session !== undefined;
}

const injector = typed('envoy.extensions.filters.http.credential_injector.v3.CredentialInjector', {
  overwrite: true,
  allow_request_without_credential: true,
  credential: {
    name: 'envoy.http.injected_credentials.generic',
    typed_config: typed('envoy.extensions.http.injected_credentials.generic.v3.Generic', {
      credential: { name: sessionKeysName, sds_config: overAds },
      header: keysHeader,
    }),
  },
});
