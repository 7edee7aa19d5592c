import type { ClientAddress } from '../../ir/gateway.ts';
import { parseCidrs } from '../../nginx/cidr.ts';
import type { Controller } from '../../nginx/controller.ts';

/**
 * What the settings of ingress-nginx say of all that comes to the ports of Ingresses. It holds whether there are Ingresses or not: their
 * coming and going must not change a listener.
 */
export interface Edge {
  /** Undefined: the peer is the client. */
  readonly clientAddress?: ClientAddress;
  /** `generate-request-id`. */
  readonly makesRequestIds: boolean;
}

export function edgeOf({ value }: Pick<Controller, 'value'>): Edge {
  const clientAddress = clientAddressOf(value);
  return { ...(clientAddress && { clientAddress }), makesRequestIds: value('generate-request-id') };
}

function clientAddressOf(value: Controller['value']): ClientAddress | undefined {
  const believesOthers = value('use-forwarded-headers');
  const afterProxyProtocol = value('use-proxy-protocol');
  if (!believesOthers && !value('enable-real-ip')) return afterProxyProtocol ? { mode: 'ProxyProtocol', optional: false } : undefined;
  const header = value('forwarded-for-header').toLowerCase();
  return {
    mode: 'XForwardedFor',
    // What is no network is no network of a proxy.
    trustedCidrs: value('proxy-real-ip-cidr').flatMap((cidr) => parseCidrs([cidr]) ?? []),
    ...(header !== 'x-forwarded-for' && { header }),
    believesOthers,
    afterProxyProtocol,
  };
}
