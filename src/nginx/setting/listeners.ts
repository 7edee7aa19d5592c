import { anyText, bool, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Where the listeners bind. */
export const listenersSettings = {
  'bind-address': setting(
    'near',
    anyText,
    '',
    'The addresses, with commas between, that the ports of Ingresses are bound on; every address of IPv4 unless some are written. An Envoy on a machine without one of them refuses the listener, which `sluice status` shows.',
  ),
  'bind-address-ipv4': setting('near', list, [] as readonly string[], 'As `bind-address`, beside it.'),
  'bind-address-ipv6': setting('near', list, [] as readonly string[], 'As `bind-address`, beside it.'),
  'disable-ipv6': setting('noop', bool, false, 'Whether IPv6 is not listened on: it never is, but on the addresses of `bind-address`.'),
  'disable-ipv6-dns': setting(
    'noop',
    bool,
    false,
    'Whether names are looked up in IPv4 alone: IPv6 is used for those that have nothing else, whatever it says.',
  ),
} as const;
