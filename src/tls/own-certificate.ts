import { type CertificateAndKey, createAuthority, issueCertificate } from './authority.ts';

/** Under this name people know it from ingress-nginx. */
const commonName = 'Kubernetes Ingress Controller Fake Certificate';

/** A certificate that no client trusts, by an authority that nobody keeps. @param now milliseconds since 1970. */
export async function makeOwnCertificate(now: number): Promise<CertificateAndKey> {
  const lifetime = { now, days: 3650 };
  return issueCertificate(await createAuthority('Sluice', lifetime), { commonName, usage: 'server', names: ['ingress.local'] }, lifetime);
}
