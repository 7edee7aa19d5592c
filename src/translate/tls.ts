import { type Diagnostic, diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import { certificateName } from '../ir/names.ts';
import type { CertificateSecret } from '../ir/secret.ts';
import { certificatesOf, ocspStapleKey, readTlsSecret } from '../kind/tls-secret.ts';
import { memoized } from '../memo/memoized.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { isNameFor } from './hostname.ts';

/** A certificate that can be served, and the names that it is for. */
export interface ServedCertificate {
  readonly secret: CertificateSecret;
  /** DNS names of the certificate, with at most one wildcard label. */
  readonly names: readonly string[];
  /** Whether its Secret has an answer of OCSP that Envoy would not take. */
  readonly hasUnfitStaple: boolean;
}

type Reading = ServedCertificate | { readonly problem: string; readonly field: FieldPath };

/** From when to when a certificate is valid, in milliseconds since 1970. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * The certificate in the Secret `namespace/name`.
 * Gives `SecretNotFound` at the reference, `InvalidCertificate` at the Secret and at the reference; then undefined. Gives `OcspStapleIgnored`.
 * @param consequence what happens without it: the end of the sentence.
 */
export function servedCertificate(
  view: StoreView,
  namespace: string,
  name: string,
  at: () => Origin,
  consequence: string,
  report: Report,
): ServedCertificate | undefined {
  const secret = view.get('Secret', namespace, name);
  if (!secret) {
    report(diagnostic('SecretNotFound', at(), `There is no Secret ${namespace}/${name}, so ${consequence}.`, `Create it with \`tls.crt\` and \`tls.key\`.`));
    return undefined;
  }
  const reading = readingOf(secret);
  if (!('problem' in reading)) {
    if (reading.hasUnfitStaple) {
      const message = `\`${ocspStapleKey}\` is no good answer of OCSP about the certificate, so clients do not get it.`;
      report(
        diagnostic('OcspStapleIgnored', secret.origin(['data', ocspStapleKey]), message, 'Write one that its authority gives for this certificate, as DER.'),
      );
    }
    return reading;
  }
  const remedy = 'Write the certificate chain to `tls.crt` and the key of its first certificate to `tls.key`, both as PEM.';
  report(diagnostic('InvalidCertificate', secret.origin(reading.field), `The Secret ${reading.problem}, so ${consequence}.`, remedy));
  report(diagnostic('InvalidCertificate', at(), `The Secret ${namespace}/${name} ${reading.problem}, so ${consequence}.`, remedy));
  return undefined;
}

/** Gives `CertificateHostMismatch` where none of the certificates that are served for a host name is for it. */
export function checkHost(certificates: readonly ServedCertificate[], host: string, at: () => Origin, report: Report): void {
  const names = certificates.flatMap((certificate) => certificate.names);
  if (host === '*' || certificates.length === 0 || names.some((name) => isNameFor(name, host))) return;
  const message = `The certificate that is served for ${host} is for ${names.join(', ') || 'no DNS name'}, so clients refuse it.`;
  report(diagnostic('CertificateHostMismatch', at(), message, `Use a certificate that names ${host}.`));
}

/** The validity of a certificate; of a chain, that of its first certificate. Undefined: not readable. */
export function certificateValidity(pem: string): Validity | undefined {
  const certificate = certificatesOf(pem)?.[0];
  return certificate && { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

/** Certificates are asked for with every list of diagnostics. */
const validityOf = memoized(({ certificateChainPem }: CertificateSecret): Validity | undefined => certificateValidity(certificateChainPem));

/**
 * What is to be said of the certificates of a group at this moment: `CertificateExpired`, `CertificateNotYetValid`.
 * @param now milliseconds since 1970; the translation itself knows no time.
 */
export function certificateDiagnostics(group: Group, now: number): readonly Diagnostic[] {
  return group.secrets.flatMap((secret) => {
    if (secret.type !== 'certificate') return [];
    const validity = validityOf(secret);
    const at = secret.origins[0] ?? {};
    if (validity && now > validity.notAfter) {
      const message = `The certificate of Secret ${secret.name} expired on ${dayOf(validity.notAfter)}, so clients refuse it.`;
      return [diagnostic('CertificateExpired', at, message, 'Renew it.')];
    }
    if (validity && now < validity.notBefore) {
      const message = `The certificate of Secret ${secret.name} is valid from ${dayOf(validity.notBefore)} only, so clients refuse it until then.`;
      return [diagnostic('CertificateNotYetValid', at, message, 'Use one that is valid now, and check the clock of this machine.')];
    }
    return [];
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** An object that did not change is not parsed again. */
const readingOf = memoized((secret: Stored<'Secret'>): Reading => {
  const pair = readTlsSecret(secret.object);
  if ('problem' in pair) return pair;
  const { certificateChainPem, privateKeyPem, names, ocspStaple } = pair;
  const name = certificateName(secret.namespace, secret.name);
  const staple = ocspStaple === 'unfit' ? undefined : ocspStaple;
  return {
    secret: { type: 'certificate', name, certificateChainPem, privateKeyPem, ...(staple && { ocspStaple: staple }), origins: [secret.origin()] },
    names,
    hasUnfitStaple: ocspStaple === 'unfit',
  };
});
