import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { CertificateAndKey } from '../../src/tls/authority.ts';

/** An authority that others made, with a key of another kind than Sluice's. */
export async function rsaAuthority(): Promise<CertificateAndKey> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new BasicConstraintsExtension(true)];
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=theirs', keys, signingAlgorithm: algorithm, extensions },
    webcrypto as Crypto,
  );
  return { certificate: certificate.toString('pem'), key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString() };
}
