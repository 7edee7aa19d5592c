import type { Family } from '../family.ts';
import { anyText, bool, characters, int, text } from '../form.ts';

const annotations = {
  authTlsSecret: {
    name: 'auth-tls-secret',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: '`DownstreamTlsContext.validation_context` per filter chain (SNI), require false, and 400 by route/Lua on missing cert.',
  },
  authTlsVerifyClient: {
    name: 'auth-tls-verify-client',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: 'On/optional/optional_no_ca/off -> require_client_certificate + `trust_chain_verification: ACCEPT_UNTRUSTED`.',
  },
  authTlsVerifyDepth: {
    name: 'auth-tls-verify-depth',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: '`max_verify_depth`.',
  },
  authTlsErrorPage: {
    name: 'auth-tls-error-page',
    scope: 'location',
    risk: 'High',
    verdict: 'adapt',
    form: anyText,
    doc: 'Redirect route matched on missing/invalid peer certificate (`TlsContextMatchOptions`).',
  },
  authTlsPassCertificateToUpstream: {
    name: 'auth-tls-pass-certificate-to-upstream',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Request_headers_to_add `%DOWNSTREAM_PEER_CERT%` (URL-encoded PEM) under the nginx name.',
  },
  authTlsMatchCn: {
    name: 'auth-tls-match-cn',
    scope: 'location',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: 'Rbac/`authenticated` matcher on subject; RE2.',
  },
} as const satisfies Family['annotations'];

/** Closed: nobody is let in by a certificate that cannot be checked. */
export const clientCertificate: Family = {
  name: 'client-certificate',
  annotations,
  read(reader) {
    const found = reader.find(annotations.authTlsSecret);
    if (found.type === 'missing') return { type: 'nothing' };
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    return {
      type: 'denied',
      mistake: { annotation: annotations.authTlsSecret.name, message: 'client certificates are not checked yet, so nobody is let in', isUnsupported: true },
    };
  },
};
