import type { Message } from '../proto/message.ts';

/** A network that nobody has. */
export const nobody = '255.255.255.255/32';

/** `ADDRESS/LENGTH`; an address alone is itself only. */
export function cidrRange(cidr: string): Message<'envoy.config.core.v3.CidrRange'> {
  const [address = '', length] = cidr.split('/');
  return { address_prefix: address, prefix_len: { value: length === undefined ? (address.includes(':') ? 128 : 32) : Number(length) } };
}
