import { BlockList, isIP } from 'node:net';
import type { Message } from '../proto/message.ts';
import type { ClientStep } from './explanation.ts';
import type { ManagerMessage } from './messages.ts';

type XffConfig = Message<'envoy.extensions.http.original_ip_detection.xff.v3.XffConfig'>;

/**
 * Who Envoy takes for the client. With trusted ranges X-Forwarded-For is read from the right for as long as addresses are
 * trusted; the first that is not, or else the leftmost, is the client. Anything that is no address ends the search.
 */
export function clientOf(manager: ManagerMessage, peer: string, forwardedFor: string | undefined): ClientStep {
  const extension = manager.original_ip_detection_extensions?.[0]?.typed_config as XffConfig | undefined;
  const trusted = blockList(extension?.xff_trusted_cidrs?.cidrs ?? []);
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  if (!extension || !isTrusted(trusted, peer) || hops[0] === '') return { address: peer, by: 'peer' };
  for (const [index, hop] of hops.toReversed().entries()) {
    if (isIP(hop) === 0) return { address: peer, by: 'peer' };
    if (!isTrusted(trusted, hop) || index === hops.length - 1) return { address: hop, by: 'x-forwarded-for' };
  }
  return { address: peer, by: 'peer' };
}

function blockList(ranges: readonly Message<'envoy.config.core.v3.CidrRange'>[]): BlockList {
  const list = new BlockList();
  for (const { address_prefix = '', prefix_len } of ranges) list.addSubnet(address_prefix, prefix_len?.value ?? 0, familyOf(address_prefix));
  return list;
}

function isTrusted(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
