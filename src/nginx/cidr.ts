import { isIP } from 'node:net';
import type { Form } from './form.ts';

/** Addresses and networks as Envoy reads them: `ADDRESS/LENGTH`. Undefined where one of them is neither. */
export function parseCidrs(parts: readonly string[]): readonly string[] | undefined {
  const found = parts.map(cidrOf);
  return found.some((one) => one === undefined) ? undefined : found.filter((one) => one !== undefined);
}

/** Addresses and networks with commas between. */
export const cidrList: Form<readonly string[]> = {
  doc: 'a list of IP addresses and networks with commas between',
  accepts: (text) => parseCidrs(text.split(',')) !== undefined,
  read: (text) => parseCidrs(text.split(',')),
};

/** An address alone is a network of one. Zones of IPv6 addresses name interfaces of a machine, which means nothing here. */
function cidrOf(text: string): string | undefined {
  const [address = '', length, ...rest] = text.trim().split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (length === undefined) return `${address}/${bits}`;
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? `${address}/${Number(length)}` : undefined;
}
