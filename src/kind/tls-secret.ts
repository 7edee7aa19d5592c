import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ObjectProblem } from './kind.ts';
import { type SecretValues, secretField, secretText } from './secret-text.ts';

/** A certificate chain with the key of its first certificate, both fit for Envoy. */
export interface TlsPair {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** DNS names of the first certificate, in lower case. */
  readonly names: readonly string[];
}

/** Reads `tls.crt` and `tls.key` of a Secret. */
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
  return { certificateChainPem, privateKeyPem, names };
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
