import { knownCiphers } from '../ciphers.ts';
import { type Family, valueOrIgnored } from '../family.ts';
import { bool, text } from '../form.ts';
import { readCiphers } from '../listener-tls.ts';

const annotations = {
  sslPreferServerCiphers: {
    name: 'ssl-prefer-server-ciphers',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: "Whether the server's order of ciphers goes before the client's, as it does where nothing is said.",
    difference: {
      example: 'GET / with TLS 1.3',
      holdsFor: (text) => bool.read(text) === true,
      nginx: 'The order holds for all versions.',
      sluice: 'It holds for TLS 1.2 and before; BoringSSL chooses those of TLS 1.3 itself.',
      remedy: 'None is needed: all ciphers of TLS 1.3 are strong.',
    },
  },
  sslCiphers: {
    name: 'ssl-ciphers',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: text(/^[A-Za-z0-9+:_\-!]*$/, 'names of ciphers with `:` between'),
    doc: 'Ciphers of TLS 1.2 that clients of the host name may use. Those that Envoy does not know are left out; where none is left TLS 1.3 alone is spoken.',
    difference: {
      example: 'GET / by a client that knows those ciphers alone',
      holdsFor: (text) => text.split(':').some((cipher) => !knownCiphers.has(cipher)),
      nginx: 'Knows DHE, and words that stand for many ciphers.',
      sluice: 'Leaves them out and says so; where no cipher is left it speaks TLS 1.3 alone.',
      remedy: 'Write the names of ciphers with ECDHE.',
    },
  },
} as const satisfies Family['annotations'];

interface SslCiphersConfig {
  /** Undefined: those of all host names. */
  readonly ciphers?: readonly string[];
  readonly prefersClientCiphers?: boolean;
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#ssl-ciphers */
export const sslCiphers: Family<SslCiphersConfig> = {
  name: 'ssl-ciphers',
  annotations,
  read(reader) {
    const { name } = annotations.sslCiphers;
    const prefersServer = valueOrIgnored(reader, annotations.sslPreferServerCiphers);
    const found = reader.find(annotations.sslCiphers);
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    const read = found.type === 'value' ? readCiphers(found.value) : undefined;
    for (const message of read?.mistakes ?? []) reader.unsupported({ annotation: name, message: message.replace(/\.$/, ''), isUnsupported: true });
    if (!read && prefersServer === undefined) return { type: 'nothing' };
    return { type: 'config', config: { ...(read && { ciphers: read.value }), ...(prefersServer !== undefined && { prefersClientCiphers: !prefersServer }) } };
  },
};
