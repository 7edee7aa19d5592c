import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Diagnostic, diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import { certificateName } from '../ir/names.ts';
import type { CertificateSecret } from '../ir/secret.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { isNameFor } from './hostname.ts';
import { secretField, secretText } from './secret-text.ts';

/** A certificate that can be served, and the names that it is for. */
export interface ServedCertificate {
  readonly secret: CertificateSecret;
  /** DNS names of the certificate, with at most one wildcard label. */
  readonly names: readonly string[];
}

type Reading = ServedCertificate | { readonly problem: string; readonly field: FieldPath };

/** What a Secret was read as: an object that did not change is not parsed again. */
const readings = new WeakMap<Stored<'Secret'>, Reading>();

/** From when to when a certificate is valid, in milliseconds since 1970. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What certificates were read as: they are asked for with every list of diagnostics. */
const validities = new WeakMap<CertificateSecret, Validity>();

/**
 * The certificate in the Secret `namespace/name`.
 * Gives `SecretNotFound` at the reference, `InvalidCertificate` at the Secret and at the reference; then undefined.
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
  const reading = readings.get(secret) ?? read(secret);
  readings.set(secret, reading);
  if (!('problem' in reading)) return reading;
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
  const certificate = chainOf(pem)?.[0];
  return certificate && { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

/**
 * What is to be said of the certificates of a group at this moment: `CertificateExpired`, `CertificateNotYetValid`.
 * @param now milliseconds since 1970; the translation itself knows no time.
 */
export function certificateDiagnostics(group: Group, now: number): readonly Diagnostic[] {
  return group.secrets.flatMap((secret) => {
    if (secret.type !== 'certificate') return [];
    const validity = validities.get(secret) ?? certificateValidity(secret.certificateChainPem);
    if (validity) validities.set(secret, validity);
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

function read(secret: Stored<'Secret'>): Reading {
  const certificateChainPem = secretText(secret, 'tls.crt');
  const privateKeyPem = secretText(secret, 'tls.key');
  if (certificateChainPem === undefined) return { problem: 'has no certificate under `tls.crt`', field: [] };
  if (privateKeyPem === undefined) return { problem: 'has no key under `tls.key`', field: [] };
  const chain = chainOf(certificateChainPem);
  const leaf = chain?.[0];
  if (!leaf) return { problem: 'does not hold certificates as PEM under `tls.crt`', field: secretField(secret, 'tls.crt') };
  const key = keyOf(privateKeyPem);
  if (!key) return { problem: 'does not hold a private key as PEM, without password, under `tls.key`', field: secretField(secret, 'tls.key') };
  const weakness = weaknessOf(leaf.publicKey);
  if (weakness !== undefined) return { problem: weakness, field: secretField(secret, 'tls.crt') };
  if (!leaf.checkPrivateKey(key)) return { problem: 'holds a key that does not belong to its certificate', field: secretField(secret, 'tls.key') };
  const names = [...(leaf.subjectAltName ?? '').matchAll(/DNS:([^,"\s]+)/g)].map(([, name]) => (name ?? '').toLowerCase());
  const name = certificateName(secret.namespace, secret.name);
  return { secret: { type: 'certificate', name, certificateChainPem, privateKeyPem, origins: [secret.origin()] }, names };
}

/** What Envoy would refuse a key for. @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl#certificate-selection */
function weaknessOf(key: KeyObject): string | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) < 2048) return `holds an RSA key of ${modulusLength} bits, and Envoy takes none below 2048`;
  if (key.asymmetricKeyType === 'ec' && !['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve ?? ''))
    return `holds a key on the curve ${namedCurve}, and Envoy takes P-256, P-384 and P-521 only`;
  return undefined;
}

/** Undefined: no certificate, or one that cannot be read. */
function chainOf(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    // The library says only in this way that a certificate is broken; the caller reports it.
    return undefined;
  }
}

/** Undefined: no key, one with a password, or one that cannot be read. */
function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // As above.
    return undefined;
  }
}
