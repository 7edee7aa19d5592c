import { parseCidrs } from './cidr.ts';
import type { Controller } from './controller.ts';

/** Networks with a shorter prefix hold addresses of anybody. */
const shortestPrefix = { ipv4: 8, ipv6: 7 } as const;

/** Whether clients may say which address they have: what they forward is believed from networks of anybody. */
export function clientsNameThemselves({ value }: Pick<Controller, 'value'>): boolean {
  const isBelieved = value('use-forwarded-headers') || value('enable-real-ip');
  return isBelieved && value('proxy-real-ip-cidr').some((cidr) => parseCidrs([cidr])?.some(isOpen));
}

function isOpen(cidr: string): boolean {
  const [address = '', length] = cidr.split('/');
  return Number(length) < (address.includes(':') ? shortestPrefix.ipv6 : shortestPrefix.ipv4);
}
