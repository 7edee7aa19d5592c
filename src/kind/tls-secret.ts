import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ObjectProblem } from './kind.ts';
import { type SecretValues, secretBytes, secretField, secretText } from './secret-text.ts';

/** A certificate chain with the key of its first certificate, both fit for Envoy. */
export interface TlsPair {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** DNS names of the first certificate, in lower case. */
  readonly names: readonly string[];
  /** An answer of OCSP about the first certificate (DER); `unfit`: it is none that Envoy takes. Undefined: there is none. */
  readonly ocspStaple?: Uint8Array | 'unfit';
}

/** Where Istio and others have it as well. */
export const ocspStapleKey = 'tls.ocsp-staple';

/** Reads `tls.crt` and `tls.key` of a Secret, and `tls.ocsp-staple`. */
export function readTlsSecret(secret: SecretValues): TlsPair | ObjectProblem {
  const certificateChainPem = secretText(secret, 'tls.crt');
  const privateKeyPem = secretText(secret, 'tls.key');
  if (certificateChainPem === undefined) return { problem: 'has no certificate under `tls.crt`', field: [] };
  if (privateKeyPem === undefined) return { problem: 'has no key under `tls.key`', field: [] };
  const leaf = certificatesOf(certificateChainPem)?.[0];
  if (!leaf) return { problem: 'does not hold certificates as PEM under `tls.crt`', field: secretField(secret, 'tls.crt') };
  const key = privateKeyOf(privateKeyPem);
  if (!key) return { problem: 'does not hold a private key as PEM, without password, under `tls.key`', field: secretField(secret, 'tls.key') };
  const weakness = weaknessOf(leaf.publicKey);
  if (weakness !== undefined) return { problem: weakness, field: secretField(secret, 'tls.crt') };
  if (!leaf.checkPrivateKey(key)) return { problem: 'holds a key that does not belong to its certificate', field: secretField(secret, 'tls.key') };
  const names = [...(leaf.subjectAltName ?? '').matchAll(/DNS:([^,"\s]+)/g)].map(([, name]) => (name ?? '').toLowerCase());
  const staple = secretBytes(secret, ocspStapleKey);
  return { certificateChainPem, privateKeyPem, names, ...(staple && { ocspStaple: isAnswerAbout(leaf, staple) ? staple : 'unfit' }) };
}

/**
 * Whether bytes are the answer of an authority that could give one, and name the certificate: Envoy refuses a certificate with any other.
 * @see https://www.rfc-editor.org/rfc/rfc6960#section-4.2.1
 */
function isAnswerAbout(leaf: X509Certificate, answer: Uint8Array): boolean {
  const bytes = Buffer.from(answer);
  // A sequence that is all of it, whose first part is the status `successful`.
  const found = /^(30(?:81|82(?!00))?)(.{2}|.{4})0a0100/.exec(bytes.subarray(0, 7).toString('hex'));
  const [, start = '', length = ''] = found ?? [];
  const isSuccessful = found !== null && (start + length).length / 2 + Number.parseInt(length, 16) === bytes.length;
  const digits = leaf.serialNumber.length % 2 === 0 ? leaf.serialNumber : `0${leaf.serialNumber}`;
  return isSuccessful && bytes.includes(Buffer.from(digits, 'hex'));
}

/** What Envoy would refuse a key for. @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl#certificate-selection */
function weaknessOf(key: KeyObject): string | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) < 2048) return `holds an RSA key of ${modulusLength} bits, and Envoy takes none below 2048`;
  if (key.asymmetricKeyType === 'ec' && !['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve ?? ''))
    return `holds a key on the curve ${namedCurve}, and Envoy takes P-256, P-384 and P-521 only`;
  return undefined;
}

/** The certificates of a PEM text in their order, none where it holds none. Undefined: one cannot be read. */
export function certificatesOf(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    // The library says only in this way that a certificate is broken; the caller reports it.
    return undefined;
  }
}

/** Undefined: no key, one with a password, or one that cannot be read. */
export function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // As above.
    return undefined;
  }
}
