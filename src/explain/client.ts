import { BlockList, isIP } from 'node:net';
import type { Message } from '../proto/message.ts';
import type { ClientStep, ExplainRequest } from './explanation.ts';
import type { FormatInput, Headers } from './header-format.ts';
import type { ManagerMessage } from './messages.ts';
import { earlyHeaders, earlyMutationsOf, headersBehind } from './way-headers.ts';

type CidrRange = Message<'envoy.config.core.v3.CidrRange'>;
type XffConfig = Message<'envoy.extensions.http.original_ip_detection.xff.v3.XffConfig'>;

/** A request behind the connection manager, as far as the way that it came is concerned. */
export interface Arrival {
  readonly client: ClientStep;
  /** Its headers as routes get them, the address that counts, and the port that was asked for. */
  readonly input: FormatInput;
}

/**
 * How a request comes in. A peer that is not the client stands for a load balancer or a proxy: it names the client in the way that the
 * listener understands, by a PROXY header or behind what the forwarded header says already.
 * Undefined where the question does not say who connects.
 * @param readsProxyHeader whether connections begin with a PROXY header.
 * @param headers as they were sent, in lower case.
 * @param port that the client asked for.
 */
export function arrivalOf(
  manager: ManagerMessage,
  readsProxyHeader: boolean,
  asked: Pick<ExplainRequest, 'clientIp' | 'peer'>,
  headers: Headers,
  port: number,
): Arrival | undefined {
  const { clientIp = asked.peer, peer = clientIp } = asked;
  if (clientIp === undefined || peer === undefined) return undefined;
  const connects = readsProxyHeader ? clientIp : peer;
  const header = forwardedHeaderOf(manager);
  const sent = header !== undefined && connects !== clientIp ? withHop(headers, header, clientIp) : headers;
  const early = earlyHeaders(manager, { headers: sent, client: connects, peer, port });
  const address = clientOf(manager, connects, early.get('x-forwarded-for'));
  const isForwarded = address !== connects;
  const client: ClientStep = {
    address,
    by: isForwarded ? 'x-forwarded-for' : readsProxyHeader ? 'proxy-protocol' : 'peer',
    ...(isForwarded && header && header !== 'x-forwarded-for' && { header }),
    ...(peer !== clientIp && { peer }),
    ...(address !== clientIp && asked.peer !== undefined && asked.clientIp !== undefined && { overlooked: clientIp }),
  };
  const input = { headers: early, client: address, peer, port };
  return { client, input: { ...input, headers: headersBehind(manager, input, connects) } };
}

function withHop(headers: Headers, header: string, address: string): Headers {
  const before = headers.get(header);
  return new Map(headers).set(header, before === undefined ? address : `${before}, ${address}`);
}

/** The header that names the client, in lower case: the one that is kept in X-Original-Forwarded-For. Undefined: none does. */
function forwardedHeaderOf(manager: ManagerMessage): string | undefined {
  if (!xffConfigOf(manager)) return undefined;
  const kept = earlyMutationsOf(manager).find(({ append }) => append?.header?.key === 'x-original-forwarded-for');
  return /^%REQ\((.+)\)%$/.exec(kept?.append?.header?.value ?? '')?.[1] ?? 'x-forwarded-for';
}

function xffConfigOf(manager: ManagerMessage): XffConfig | undefined {
  return manager.original_ip_detection_extensions?.[0]?.typed_config as XffConfig | undefined;
}

/**
 * Who Envoy takes for the client. With trusted ranges X-Forwarded-For is read from the right for as long as addresses are
 * trusted; the first that is not, or else the leftmost, is the client. Anything that is no address ends the search.
 */
function clientOf(manager: ManagerMessage, peer: string, forwardedFor = ''): string {
  const extension = xffConfigOf(manager);
  const trusted = extension?.xff_trusted_cidrs?.cidrs ?? [];
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  if (!extension || !isWithin(trusted, peer) || hops[0] === '') return peer;
  for (const [index, hop] of hops.toReversed().entries()) {
    if (isIP(hop) === 0) return peer;
    if (!isWithin(trusted, hop) || index === hops.length - 1) return hop;
  }
  return peer;
}

/** Whether an address is in one of some networks. */
export function isWithin(ranges: readonly CidrRange[], address: string): boolean {
  return isIP(address) !== 0 && blockList(ranges).check(address, familyOf(address));
}

function blockList(ranges: readonly CidrRange[]): BlockList {
  const list = new BlockList();
  for (const { address_prefix = '', prefix_len } of ranges) list.addSubnet(address_prefix, prefix_len?.value ?? 0, familyOf(address_prefix));
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
