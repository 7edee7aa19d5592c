import { type CertificateAndKey, createAuthority, issueCertificate } from '../../src/tls/authority.ts';

/** Certificates of a run: those of servers are made as they are asked for. */
export interface Certificates {
  /** Vouches for the clients called `good`. */
  readonly clientAuthority: CertificateAndKey;
  /** Of clients: `other` is vouched for by an authority that nobody trusts. */
  readonly client: { readonly good: CertificateAndKey; readonly other: CertificateAndKey };
  /** @param hosts the first is the common name. */
  server(hosts: readonly string[]): Promise<CertificateAndKey>;
}

export async function makeCertificates(): Promise<Certificates> {
  const lifetime = { now: Date.now(), days: 30 };
  const [servers, clients, others] = await Promise.all(['servers', 'clients', 'others'].map((name) => createAuthority(name, lifetime)));
  if (!servers || !clients || !others) throw new Error('three authorities were asked for');
  const made = new Map<string, Promise<CertificateAndKey>>();
  const clientOf = (authority: CertificateAndKey, commonName: string) => issueCertificate(authority, { commonName, usage: 'client', names: [] }, lifetime);
  return {
    clientAuthority: clients,
    client: { good: await clientOf(clients, 'good'), other: await clientOf(others, 'other') },
    server(hosts) {
      const key = hosts.join(',');
      const certificate = made.get(key) ?? issueCertificate(servers, { commonName: hosts[0] ?? 'none', usage: 'server', names: hosts }, lifetime);
      made.set(key, certificate);
      return certificate;
    },
  };
}
