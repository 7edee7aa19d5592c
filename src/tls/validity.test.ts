import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthority, issueCertificate } from './authority.ts';
import { validityDiagnostics } from './validity.ts';

const day = 24 * 60 * 60 * 1000;
const made = Date.parse('2026-01-01T00:00:00Z');
const paths = { certificateChain: 'server.pem', privateKey: 'key.pem', clientAuthorities: 'ca.pem' };
const authority = await createAuthority('test authority', { now: made, days: 1000 });

const cases: readonly { readonly name: string; readonly days: number; readonly at: number; readonly says?: RegExp }[] = [
  { name: 'not valid yet', days: 90, at: -2 * day, says: /is valid from 2025-12-31T23:00Z only, so Envoys refuse to connect\.$/ },
  { name: 'in good order', days: 90, at: 80 * day },
  { name: 'within 7 days', days: 90, at: 84 * day, says: /expires at 2026-04-01T00:00Z, so Envoys refuse to connect then\.$/ },
  { name: 'a short one in good order', days: 1, at: 0.7 * day },
  { name: 'a short one in its last fifth', days: 1, at: 0.9 * day, says: /expires at/ },
  { name: 'expired', days: 90, at: 91 * day, says: /expired at 2026-04-01T00:00Z, so Envoys refuse to connect\.$/ },
];
for (const { name, days, at, says } of cases) {
  test(`TlsCertificateExpiring: ${name}`, async () => {
    const { certificate, key } = await issueCertificate(authority, { commonName: 'sluice', usage: 'server', names: ['sluice'] }, { now: made, days });
    const found = validityDiagnostics({ certificateChain: certificate, privateKey: key }, paths, made + at);
    assert.equal(found.length, says ? 1 : 0);
    if (!says) return;
    assert.equal(found[0]?.code, 'TlsCertificateExpiring');
    assert.match(found[0]?.message ?? '', says);
    assert.deepEqual(found[0]?.at, { file: 'server.pem' });
  });
}

test('TlsCertificateExpiring: each authority of clients counts', async () => {
  const { certificate, key } = await issueCertificate(authority, { commonName: 'sluice', usage: 'server', names: ['sluice'] }, { now: made, days: 9000 });
  const other = await createAuthority('other authority', { now: made, days: 2000 });
  const found = validityDiagnostics(
    { certificateChain: certificate, privateKey: key, clientAuthorities: other.certificate + authority.certificate },
    paths,
    made + 1001 * day,
  );
  assert.equal(found.length, 1);
  assert.match(found[0]?.message ?? '', /^The authority CN=test authority of xDS clients expired at .*, so clients with certificates of it are refused\.$/);
  assert.deepEqual(found[0]?.at, { file: 'ca.pem' });
});
