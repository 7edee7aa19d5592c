import { isIP } from 'node:net';
import { z } from 'zod';

/** An address range: `10.0.0.0/8`, `2001:db8::/32`. */
export const cidr = z
  .string()
  .max(64)
  .refine(isCidr, 'not a range of addresses: write it as `10.0.0.0/8`')
  .meta({ 'x-kubernetes-validations': [{ rule: 'isCIDR(self)', message: 'not a range of addresses' }] });

/** Whether a text is `ADDRESS/LENGTH`, IPv4 or IPv6. */
export function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^[0-9]{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}
