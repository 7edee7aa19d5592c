import { isLoopback } from '../../address.ts';
import { adminUri } from '../../trust-domain.ts';
import type { ClientIdentity } from '../client-identity.ts';

/** Who asks what clients have. */
export interface StatusCaller {
  /** `ADDRESS:PORT`; an IPv6 address has no brackets there. */
  readonly peer: string;
  /** Undefined: it showed no certificate, as none is asked for. */
  readonly client: ClientIdentity | undefined;
}

/**
 * Whether a caller may ask what all clients have: with a certificate, one whose URI is `spiffe://TRUST-DOMAIN/admin`; without,
 * programs on this machine. A certificate of an Envoy is for its own group and not for this.
 */
export function mayAskStatus({ peer, client }: StatusCaller, trustDomain: string): boolean {
  if (client) return client.uris.includes(adminUri(trustDomain));
  return isLoopback(peer.slice(0, peer.lastIndexOf(':')).replace(/^::ffff:/, ''));
}
