import type { ClientAddress, ProxyHeader } from '../ir/gateway.ts';

/** What connections begin with. Undefined: nothing. */
export function proxyHeaderOf(clientAddress: ClientAddress): ProxyHeader | undefined {
  if (clientAddress.mode === 'XForwardedFor') return clientAddress.proxyHeader;
  return clientAddress.mode === 'ProxyProtocol' ? clientAddress : undefined;
}

/** Whether all connections begin with it, so that its port is the one that the client asked for. */
export function needsProxyHeader(clientAddress: ClientAddress): boolean {
  return proxyHeaderOf(clientAddress) !== undefined && !(clientAddress.mode === 'ProxyProtocol' && clientAddress.optional);
}
