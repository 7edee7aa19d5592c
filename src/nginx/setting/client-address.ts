import { anyText, bool, goDuration, list } from '../form.ts';
import { setting } from '../setting.ts';

/** Who the client is. They hold for the ports 80 and 443, whether there are Ingresses or not: a listener never depends on these. */
export const clientAddressSettings = {
  'compute-full-forwarded-for': setting(
    'exact',
    bool,
    false,
    'With `use-forwarded-headers`: X-Forwarded-For keeps what the client said, with the address of the peer behind it, instead of the one address that counts.',
  ),
  'enable-real-ip': setting(
    'exact',
    bool,
    false,
    'The client is whom `forwarded-for-header` names, if the peer is in `proxy-real-ip-cidr`; X-Forwarded-Host, -Proto and -Port are not believed.',
  ),
  'forwarded-for-header': setting(
    'exact',
    anyText,
    'X-Forwarded-For',
    'The header that names the client, for `use-forwarded-headers` and `enable-real-ip`. It takes the place of X-Forwarded-For before anything reads that.',
  ),
  'forwarded-for-proxy-protocol-header': setting('near', anyText, '', 'Not read: with `use-proxy-protocol` it is the PROXY header that names the client.'),
  'forwarded-host-header': setting('exact', anyText, '', 'Not read: the host name is that of X-Forwarded-Host, as ingress-nginx ignores it as well.'),
  'proxy-protocol-header-timeout': setting(
    'near',
    goDuration,
    0,
    'How long the PROXY header, and the hello of TLS behind it, may take; 15 s unless it is written. ingress-nginx reads it for its pass-through of TLS alone.',
  ),
  'proxy-real-ip-cidr': setting(
    'exact',
    list,
    ['0.0.0.0/0'] as readonly string[],
    'Networks whose word for the client is believed. `forwarded-for-header` is read from the right for as long as its addresses are in them. With `use-proxy-protocol` connections from elsewhere are closed.',
  ),
  'use-forwarded-headers': setting(
    'exact',
    bool,
    false,
    'The client is whom `forwarded-for-header` names, if the peer is in `proxy-real-ip-cidr`; X-Forwarded-Host, -Proto and -Port are believed from anybody.',
  ),
  'use-proxy-protocol': setting(
    'near',
    bool,
    false,
    'Connections begin with a PROXY header, v1 or v2, which names the client and the port that it asked for, and by 443 that TLS ended before; others are closed, and so are those from outside `proxy-real-ip-cidr`, which ingress-nginx serves as if the peer were the client.',
  ),
} as const;
