import { diagnostic, type Report } from '../diagnostic.ts';
import type { UpstreamTls } from '../ir/backend.ts';
import type { Secret } from '../ir/secret.ts';
import type { Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { authoritySecret } from './authority.ts';
import type { EffectivePolicy } from './policy/policy.ts';
import { servedCertificate } from './tls.ts';

/** TLS towards a backend with the secrets that it needs. `broken`: what was asked for cannot be had, and going on without it is no choice. */
export type TlsReading = { readonly tls: UpstreamTls; readonly secrets: readonly Secret[] } | 'broken' | undefined;

/**
 * TLS of a BackendTLSPolicy. Gives `AuthorityNotFound`, `InvalidAuthority`, `UnsupportedField`.
 * @see https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
 */
export function tlsOfStandardPolicy(view: StoreView, policy: Stored<'BackendTLSPolicy'>, report: Report): TlsReading {
  const { caCertificateRefs = [], wellKnownCACertificates, hostname, subjectAltNames = [] } = policy.object.spec.validation;
  const names = subjectAltNames.map((name) =>
    name.type === 'URI' ? { type: 'uri' as const, value: name.uri ?? '' } : { type: 'dns' as const, value: name.hostname ?? '' },
  );
  if (wellKnownCACertificates !== undefined) {
    if (wellKnownCACertificates === 'System') return { tls: { hostname, subjectAltNames: names }, secrets: [] };
    const at = policy.origin(['spec', 'validation', 'wellKnownCACertificates']);
    const message = `The authorities ${wellKnownCACertificates} are not known, so requests to the backend are answered with an error.`;
    report(diagnostic('UnsupportedField', at, message, 'Write `System`, or name the certificates in `caCertificateRefs`.'));
    return 'broken';
  }
  const references = caCertificateRefs.map(({ kind, name }, index) => ({
    kind,
    name,
    at: () => policy.origin(['spec', 'validation', 'caCertificateRefs', index]),
  }));
  const authority = authoritySecret(view, policy.namespace, references, report);
  return authority ? { tls: { hostname, authority: authority.name, subjectAltNames: names }, secrets: [authority] } : 'broken';
}

/** TLS of BackendPolicies. Gives `AuthorityNotFound`, `InvalidAuthority`, `SecretNotFound`, `InvalidCertificate`. */
export function tlsOfPolicy(view: StoreView, namespace: string, policy: EffectivePolicy, report: Report): TlsReading {
  const written = policy.spec.tls;
  if (!written) return undefined;
  const { hostname, caRefs, clientCertificateRef } = written;
  const references = caRefs?.map(({ kind, name }, index) => ({ kind, name, at: () => policy.origin('tls', 'caRefs', index) }));
  const authority = references && authoritySecret(view, namespace, references, report);
  if (references && !authority) return 'broken';
  const refused = 'requests to the backend are answered with an error';
  const certificate =
    clientCertificateRef && servedCertificate(view, namespace, clientCertificateRef.name, () => policy.origin('tls', 'clientCertificateRef'), refused, report);
  if (clientCertificateRef && !certificate) return 'broken';
  return {
    tls: {
      hostname,
      ...(authority ? { authority: authority.name } : {}),
      ...(certificate ? { clientCertificate: certificate.secret.name } : {}),
      subjectAltNames: [],
    },
    secrets: [...(authority ? [authority] : []), ...(certificate ? [certificate.secret] : [])],
  };
}
