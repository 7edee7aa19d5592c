import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate with its key, both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 60 * 60 * 1000;

/** Makes a certificate that vouches for itself: good for a demo, and `curl -k`. @param names host names, `*.` names and IPv4 addresses. */
export async function selfSigned(names: readonly string[], now: number, days = 30): Promise<CertificateAndKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [names[0] ?? 'localhost'] }],
      // An hour back, for clocks that are behind.
      notBefore: new Date(now - dayMs / 24),
      notAfter: new Date(now + days * dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value }))),
        new x509.BasicConstraintsExtension(true, undefined, true),
      ],
    },
    webcrypto as Crypto,
  );
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
}

/** A `kubernetes.io/tls` Secret as YAML. */
export function tlsSecret(name: string, { certificate, key }: CertificateAndKey): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${name}
type: kubernetes.io/tls
data:
  tls.crt: ${base64(certificate)}
  tls.key: ${base64(key)}
`;
}
