import { isLoopback } from '../address.ts';

/** Who asks what clients have. */
export interface StatusCaller {
  /** `ADDRESS:PORT`; an IPv6 address has no brackets there. */
  readonly peer: string;
  /** Alternative names of the certificate that was shown and checked, as Node writes them; undefined: none was shown. */
  readonly alternativeNames?: string;
}

/**
 * Whether a caller may ask what all clients have: with a certificate, one whose URI is `spiffe://TRUST-DOMAIN/admin`; without,
 * programs on this machine. A certificate of an Envoy is for its own group and not for this.
 */
export function mayAskStatus({ peer, alternativeNames }: StatusCaller): boolean {
  // Values that hold a comma are quoted, so that nothing within one can be mistaken for another name.
  if (alternativeNames !== undefined) return /(?:^|, )URI:spiffe:\/\/[^/,"]+\/admin(?:,|$)/.test(alternativeNames);
  return isLoopback(peer.slice(0, peer.lastIndexOf(':')).replace(/^::ffff:/, ''));
}
