import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import type { KeyFiles } from '../../src/tls/key-files.ts';
import { createFakeKeyFiles } from './key-files.ts';
import type { ClientTls } from './xds-client.ts';

/** What a server under mutual TLS has, and a client with a certificate for one group. */
export async function groupClient(group: string): Promise<{ readonly keyFiles: KeyFiles; readonly tls: ClientTls }> {
  const now = Date.now();
  const authority = await createAuthority('all', { now, days: 300 });
  const issue = (usage: 'client' | 'server', names: readonly string[]) =>
    issueCertificate(authority, { commonName: 'c', usage, names: [...names] }, { now, days: 30 });
  const server = await issue('server', ['sluice', '127.0.0.1']);
  const client = await issue('client', [`spiffe://sluice/group/${group}`]);
  return {
    keyFiles: createFakeKeyFiles({ certificateChain: server.certificate, privateKey: server.key, clientAuthorities: authority.certificate }),
    tls: { authority: authority.certificate, certificate: client.certificate, key: client.key },
  };
}
