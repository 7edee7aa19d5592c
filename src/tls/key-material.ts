import { createSecureContext } from 'node:tls';
import { certificatesOf, privateKeyOf } from '../kind/tls-secret.ts';
import { reasonOf } from '../reason.ts';

/** What a TLS server shows and whom it trusts, as PEM that was checked. */
export interface KeyMaterial {
  /** The server's certificate, then what vouches for it. */
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Authorities that the certificates of clients are checked against. Undefined: clients show none. */
  readonly clientAuthorities?: string;
}

/** Where key material lies. */
export interface KeyFilePaths {
  readonly certificateChain: string;
  readonly privateKey: string;
  /** Undefined: clients show no certificate. */
  readonly clientAuthorities?: string;
}

/** A certificate as people want to see it. */
export interface CertificateInfo {
  readonly subject: string;
  /** Alternative names, as Node writes them: `DNS:sluice, IP Address:127.0.0.1`. */
  readonly names: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Fingerprint: pairs of hexadecimal digits. */
  readonly sha256: string;
}

/** Which of the texts is bad, and why: the end of a sentence that begins with the name of its file. */
export interface KeyMaterialProblem {
  readonly part: keyof KeyMaterial;
  readonly problem: string;
}

/** Checks what was read: all of it is good, or none of it is used. */
export function checkKeyMaterial({ certificateChain, privateKey, clientAuthorities }: KeyMaterial): KeyMaterialProblem | undefined {
  const [leaf] = certificatesOf(certificateChain) ?? [];
  if (!leaf) return { part: 'certificateChain', problem: 'does not hold certificates as PEM' };
  const key = privateKeyOf(privateKey);
  if (!key) return { part: 'privateKey', problem: 'does not hold a private key as PEM, without password' };
  if (!leaf.checkPrivateKey(key)) return { part: 'privateKey', problem: 'holds a key that does not belong to the certificate' };
  if (clientAuthorities !== undefined) {
    const authorities = certificatesOf(clientAuthorities) ?? [];
    if (authorities.length === 0) return { part: 'clientAuthorities', problem: 'does not hold certificates as PEM' };
    if (!authorities.every(({ ca }) => ca)) return { part: 'clientAuthorities', problem: 'holds a certificate that is not that of an authority (CA:TRUE)' };
  }
  try {
    createSecureContext({ cert: certificateChain, key: privateKey });
    return undefined;
  } catch (error) {
    return { part: 'certificateChain', problem: `cannot be used for TLS: ${reasonOf(error)}` };
  }
}

/** The certificates of a PEM text, in their order; none where it holds something else. */
export function certificateInfos(pem: string): readonly CertificateInfo[] {
  return (certificatesOf(pem) ?? []).map(({ subject, subjectAltName, validFrom, validTo, fingerprint256 }) => ({
    subject: subject?.split('\n').join(', ') ?? '',
    names: subjectAltName ?? '',
    notBefore: Date.parse(validFrom),
    notAfter: Date.parse(validTo),
    sha256: fingerprint256,
  }));
}
