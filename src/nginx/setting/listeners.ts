import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Where the listeners bind. */
export const listenersSettings = {
  'bind-address': setting('near', anyText, '', 'Listener addresses.'),
  'bind-address-ipv4': setting('near', list, [] as readonly string[], 'Listener addresses.'),
  'bind-address-ipv6': setting('near', list, [] as readonly string[], 'Listener addresses.'),
  'disable-ipv6': setting('near', bool, false, 'Listener addresses.'),
  'disable-ipv6-dns': setting('near', bool, false, 'Listener addresses.'),
} as const;
