import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate with its key, both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

/** From when and for how long; an hour earlier for clocks that are behind. */
export interface Lifetime {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly days: number;
}

/** What a certificate is for. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly usage: 'server' | 'client';
  /** Host names, addresses, and URIs (`spiffe://…`). */
  readonly names: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const hourMs = 60 * 60 * 1000;

/** Makes an authority: it vouches for certificates, and for no other authority. */
export async function createAuthority(commonName: string, lifetime: Lifetime): Promise<CertificateAndKey> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [commonName] }],
      ...validity(lifetime),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto as Crypto),
      ],
    },
    webcrypto as Crypto,
  );
  return pem(certificate, keys.privateKey);
}

/** Makes a certificate with a new key that an authority vouches for. */
export async function issueCertificate(authority: CertificateAndKey, subject: CertificateSubject, lifetime: Lifetime): Promise<CertificateAndKey> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await newKeys();
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([subject.usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension(subject.names.map((value) => ({ type: nameType(value), value }))),
    await AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto as Crypto),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto as Crypto),
  ];
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [subject.commonName] }],
      issuer: issuer.subject,
      ...validity(lifetime),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: await signingKey(authority.key),
      extensions,
    },
    webcrypto as Crypto,
  );
  return pem(certificate, keys.privateKey);
}

/** Whether certificates can be made with the key of an authority. @param key a private key, PEM. */
export function isSigningKey(key: string): boolean {
  return createPrivateKey(key).asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

const nameType = (name: string): 'url' | 'ip' | 'dns' => (name.includes('://') ? 'url' : isIP(name) === 0 ? 'dns' : 'ip');

const validity = ({ now, days }: Lifetime) => ({ notBefore: new Date(now - hourMs), notAfter: new Date(now + days * 24 * hourMs) });

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** Others write such keys in forms of their own. */
const signingKey = (key: string) =>
  webcrypto.subtle.importKey('pkcs8', createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }), algorithm, false, ['sign']);

async function pem(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<CertificateAndKey> {
  const encoded = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
  return { certificate: `${certificate.toString('pem')}\n`, key: `${encoded}\n` };
}
