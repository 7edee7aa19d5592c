import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Where the listeners bind. */
export const listenersSettings = {
  'bind-address': setting('report', anyText, '', 'Not read: Envoy listens on every address of IPv4.'),
  'bind-address-ipv4': setting('report', list, [] as readonly string[], 'Not read: Envoy listens on every address of IPv4.'),
  'bind-address-ipv6': setting('report', list, [] as readonly string[], 'Not read: Envoy listens on every address of IPv4.'),
  'disable-ipv6': setting('report', bool, false, 'Not read: Envoy listens on every address of IPv4.'),
  'disable-ipv6-dns': setting('report', bool, false, 'Not read: names are looked up in both families, as Envoy does.'),
} as const;
