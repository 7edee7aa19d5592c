import { knownCiphers } from '../ciphers.ts';
import type { Family } from '../family.ts';
import { characters, int, oneOf, text } from '../form.ts';

const annotations = {
  proxySslSecret: {
    name: 'proxy-ssl-secret',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'A Secret, `NAMESPACE/NAME`, with the certificate that backends are shown (`tls.crt`, `tls.key`) and the authorities of theirs (`ca.crt`). Without it no other `proxy-ssl-*` counts.',
  },
  proxySslCiphers: {
    name: 'proxy-ssl-ciphers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: text(/^[A-Za-z0-9+:_\-!]*$/, 'names of ciphers with `:` between'),
    doc: 'Ciphers of TLS 1.2, in order of preference. Those that Envoy does not know are left out; words such as `HIGH` and `!MD5` are none.',
    difference: {
      example: 'GET / whose backend knows few ciphers',
      holdsFor: (text) => text.split(':').some((cipher) => !knownCiphers.has(cipher)),
      nginx: 'Words that stand for many ciphers are understood.',
      sluice: 'They are passed over; where no cipher is left those of Envoy hold.',
      remedy: 'Write the names of the ciphers.',
    },
  },
  proxySslProtocols: {
    name: 'proxy-ssl-protocols',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: text(/^(?:TLSv1\.[23]| )*$/, '`TLSv1.2`, `TLSv1.3`, or both'),
    doc: 'Versions of TLS; both unless written.',
  },
  proxySslName: {
    name: 'proxy-ssl-name',
    scope: 'ingress',
    risk: 'High',
    verdict: 'exact',
    form: text(characters.regex, 'a host name'),
    doc: 'The name that the certificate of the backend must have, and that is sent to it with `proxy-ssl-server-name`.',
  },
  proxySslVerify: {
    name: 'proxy-ssl-verify',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: oneOf(['on', 'off']),
    doc: '`on`: the certificate of the backend is checked; else any is taken.',
  },
  proxySslVerifyDepth: {
    name: 'proxy-ssl-verify-depth',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'How many authorities may stand between the certificate and one that is trusted; 1 unless written.',
  },
  proxySslServerName: {
    name: 'proxy-ssl-server-name',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: oneOf(['on', 'off']),
    doc: '`on`: the name is sent when the connection is made (SNI).',
  },
} as const satisfies Family['annotations'];

/** TLS towards backends. */
export interface UpstreamTlsConfig {
  /** Name of the Secret, and its namespace. */
  readonly secret: { readonly namespace: string; readonly name: string };
  /** Undefined: the name of the upstream of nginx. */
  readonly hostname?: string;
  readonly sendsName: boolean;
  readonly isVerified: boolean;
  readonly verifyDepth: number;
  readonly versions: { readonly minimum: '1.2' | '1.3'; readonly maximum: '1.2' | '1.3' };
  /** Empty: those of Envoy. */
  readonly ciphers: readonly string[];
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-certificate-authentication */
export const upstreamTls: Family<UpstreamTlsConfig> = {
  name: 'upstream-tls',
  annotations,
  read({ find, value, view, controller, namespace }) {
    const found = find(annotations.proxySslSecret);
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    if (found.type !== 'value') return found.type === 'missing' ? { type: 'nothing' } : { type: 'nothing', mistake: found.mistake };
    const denied = (message: string) => ({ type: 'denied', mistake: { annotation: annotations.proxySslSecret.name, message } }) as const;
    const [ofSecret = '', name = '', ...rest] = found.value.split('/');
    if (ofSecret === '' || name === '' || rest.length > 0) return denied(`${JSON.stringify(found.value)} is not \`NAMESPACE/NAME\``);
    if (ofSecret !== namespace && !controller.value('allow-cross-namespace-resources')) return denied('the Secret is in another namespace');
    if (!view.get('Secret', ofSecret, name)) return denied(`there is no Secret ${found.value}`);
    const protocols = (value(annotations.proxySslProtocols) ?? '').split(' ').filter((word) => word !== '');
    const [has12, has13] = ['TLSv1.2', 'TLSv1.3'].map((word) => protocols.includes(word));
    const hostname = value(annotations.proxySslName);
    return {
      type: 'config',
      config: {
        secret: { namespace: ofSecret, name },
        ...(hostname !== undefined && { hostname }),
        sendsName: value(annotations.proxySslServerName) === 'on',
        isVerified: value(annotations.proxySslVerify) === 'on',
        verifyDepth: value(annotations.proxySslVerifyDepth) || 1,
        versions: { minimum: has13 && !has12 ? '1.3' : '1.2', maximum: has12 && !has13 ? '1.2' : '1.3' },
        ciphers: (value(annotations.proxySslCiphers) ?? '').split(':').filter((word) => knownCiphers.has(word)),
      },
    };
  },
};
