import { type Family, notRead } from '../family.ts';
import { anyText, characters, int, text } from '../form.ts';

const annotations = {
  proxySslSecret: {
    name: 'proxy-ssl-secret',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'UpstreamTlsContext certificates + validation_context.',
  },
  proxySslCiphers: {
    name: 'proxy-ssl-ciphers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: '`cipher_suites` (BoringSSL names, report unknown).',
  },
  proxySslProtocols: {
    name: 'proxy-ssl-protocols',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: anyText,
    doc: 'Tls_minimum/maximum_protocol_version (holes impossible).',
  },
  proxySslName: {
    name: 'proxy-ssl-name',
    scope: 'ingress',
    risk: 'High',
    verdict: 'exact',
    form: anyText,
    doc: '`auto_host_sni` off, `sni` / match_typed_subject_alt_names.',
  },
  proxySslVerify: {
    name: 'proxy-ssl-verify',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: anyText,
    doc: 'Validation_context present or not.',
  },
  proxySslVerifyDepth: {
    name: 'proxy-ssl-verify-depth',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'Max_verify_depth.',
  },
  proxySslServerName: {
    name: 'proxy-ssl-server-name',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: anyText,
    doc: 'Sni present or not.',
  },
} as const satisfies Family['annotations'];

export const upstreamTls: Family = { name: 'upstream-tls', annotations, read: notRead };
