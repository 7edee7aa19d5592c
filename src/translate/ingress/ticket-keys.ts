import { ticketKeysName } from '../../ir/names.ts';
import type { TicketKeysSecret } from '../../ir/secret.ts';
import { memoized } from '../../memo/memoized.ts';
import { ticketKeyIn } from '../../nginx/ticket-key.ts';
import type { Stored } from '../../store/stored.ts';
import type { StoreView } from '../../store/view.ts';

const key = 'ssl-session-ticket-key';

/** The key for tickets of TLS in the ConfigMap of a controller, as a secret, so that it stands in no listener. Undefined: there is none that Envoy takes. */
export function ticketKeysSecret(view: StoreView, namespace: string, name: string): TicketKeysSecret | undefined {
  const configMap = view.get('ConfigMap', namespace, name);
  return configMap && secretIn(configMap);
}

/** A ConfigMap that did not change leads to the same object. */
const secretIn = memoized((configMap: Stored<'ConfigMap'>): TicketKeysSecret | undefined => {
  const bytes = ticketKeyIn(configMap.object.data?.[key] ?? '');
  if (!bytes) return undefined;
  return { type: 'ticketKeys', name: ticketKeysName(configMap.namespace, configMap.name), key: bytes, origins: [configMap.origin(['data', key])] };
});
