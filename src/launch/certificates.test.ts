import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rsaAuthority } from '../../test/fake/rsa-authority.ts';
import { type CertificatesOptions, makeCertificates } from './certificates.ts';
import { folderStore } from './key-store.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const dayMs = 24 * 60 * 60 * 1000;

function start() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
  const options: CertificatesOptions = {
    store: folderStore(folder),
    serverNames: ['sluice', '127.0.0.1', '::1'],
    groups: ['default', 'sidecar/default/shop'],
    admin: false,
    trustDomain: 'shop.example',
    days: 30,
    authorityDays: 3650,
    renew: false,
    now,
  };
  const make = async (more: Partial<CertificatesOptions> = {}): Promise<readonly string[]> => {
    const outcomes = await makeCertificates({ ...options, ...more });
    return outcomes.filter(({ isNew }) => isNew).map(({ path }) => path.slice(folder.length + 1));
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return { folder, make, read, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

const all = ['server', 'groups/default', 'groups/sidecar/default/shop'];

test('makes an authority, and certificates of it for the server and each group', async () => {
  using made = start();
  assert.deepEqual(await made.make({ admin: true }), ['authority', ...all, 'admin']);
  const authority = new X509Certificate(made.read('authority/tls.crt'));
  for (const [path, names] of [
    ['server', 'DNS:sluice, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'],
    ['groups/default', 'URI:spiffe://shop.example/group/default'],
    ['groups/sidecar/default/shop', 'URI:spiffe://shop.example/group/sidecar/default/shop'],
    ['admin', 'URI:spiffe://shop.example/admin'],
  ] as const) {
    const certificate = new X509Certificate(made.read(`${path}/tls.crt`));
    assert.equal(certificate.subjectAltName, names);
    assert.ok(certificate.verify(authority.publicKey));
    assert.equal(made.read(`${path}/ca.crt`), made.read('authority/tls.crt'));
  }
});

test('Envoy gets certificate and key in one file, and only their owner may read them', async () => {
  using made = start();
  await made.make();
  const { resources } = JSON.parse(made.read('groups/default/certificate.json'));
  assert.deepEqual(resources[0].tls_certificate, {
    certificate_chain: { inline_string: made.read('groups/default/tls.crt') },
    private_key: { inline_string: made.read('groups/default/tls.key') },
  });
  const files = readdirSync(made.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.equal(files.length, 15);
  for (const { parentPath, name } of files) assert.equal(statSync(join(parentPath, name)).mode & 0o777, 0o600, name);
});

test('called again, what is good stays, to the byte', async () => {
  using made = start();
  await made.make();
  const before = made.read('groups/default/certificate.json');
  assert.deepEqual(await made.make({ now: now + 19 * dayMs }), []);
  assert.equal(made.read('groups/default/certificate.json'), before);
});

test('what has less than a third of its time left is renewed; the authority stays', async () => {
  using made = start();
  await made.make();
  const before = made.read('groups/default/certificate.json');
  assert.deepEqual(await made.make({ now: now + 21 * dayMs }), all);
  assert.notEqual(made.read('groups/default/certificate.json'), before);
});

test('other names, a wish, a lost file or another authority make anew what they concern', async () => {
  using made = start();
  await made.make();
  assert.deepEqual(await made.make({ serverNames: ['sluice'] }), ['server']);
  assert.deepEqual(await made.make({ serverNames: ['sluice'], renew: true }), all);
  rmSync(join(made.folder, 'groups/default/tls.key'));
  assert.deepEqual(await made.make({ serverNames: ['sluice'] }), ['groups/default']);
  rmSync(join(made.folder, 'authority'), { recursive: true });
  assert.deepEqual(await made.make({ serverNames: ['sluice'] }), ['authority', ...all]);
  assert.equal(made.read('groups/default/ca.crt'), made.read('authority/tls.crt'));
});

test('an authority follows the other: first everybody trusts both, a month later all certificates are of the new one', async () => {
  using made = start();
  const trusted = (): number => made.read('server/ca.crt').split('BEGIN CERTIFICATE').length - 1;
  await made.make();
  const first = made.read('authority/tls.crt');
  const announcedAt = now + 2434 * dayMs;
  assert.deepEqual(await made.make({ now: announcedAt }), all);
  assert.deepEqual([trusted(), made.read('authority/tls.crt')], [2, first]);
  const next = made.read('authority/next.crt');
  assert.deepEqual(await made.make({ now: announcedAt + 15 * dayMs }), []);
  assert.deepEqual(await made.make({ now: announcedAt + 31 * dayMs }), ['authority', ...all]);
  assert.deepEqual([made.read('authority/tls.crt'), made.read('authority/previous.crt'), trusted()], [next, first, 2]);
  assert.ok(new X509Certificate(made.read('groups/default/tls.crt')).verify(new X509Certificate(next).publicKey));
  assert.deepEqual(readdirSync(join(made.folder, 'authority')).sort(), ['previous.crt', 'tls.crt', 'tls.key']);
});

test('an authority that was cut off while it took the place of another goes on', async () => {
  using made = start();
  await made.make();
  const announcedAt = now + 2434 * dayMs;
  await made.make({ now: announcedAt });
  writeFileSync(join(made.folder, 'authority/tls.crt'), made.read('authority/next.crt'));
  await made.make({ now: announcedAt + 31 * dayMs });
  const authority = new X509Certificate(made.read('authority/tls.crt'));
  assert.ok(new X509Certificate(made.read('server/tls.crt')).verify(authority.publicKey));
});

test('refuses groups that no folder can be named after, and an authority that is broken', async () => {
  using made = start();
  for (const group of ['', '..', 'a/../../b', '/a', 'a b', '-a']) await assert.rejects(made.make({ groups: [group] }), /no name that a folder can have/, group);
  assert.deepEqual(readdirSync(made.folder), []);
  await made.make();
  writeFileSync(join(made.folder, 'authority/tls.crt'), made.read('server/tls.crt'));
  await assert.rejects(made.make(), /authority in .* cannot be used: .* does not belong/);
});

test('the key of an authority may be in the form of openssl, but of no other kind than Sluice makes', async () => {
  using made = start();
  await made.make();
  const key = join(made.folder, 'authority/tls.key');
  writeFileSync(key, createPrivateKey(made.read('authority/tls.key')).export({ type: 'sec1', format: 'pem' }));
  assert.deepEqual(await made.make({ renew: true }), all);
  const authority = new X509Certificate(made.read('authority/tls.crt'));
  assert.ok(new X509Certificate(made.read('server/tls.crt')).verify(authority.publicKey));

  const theirs = await rsaAuthority();
  writeFileSync(join(made.folder, 'authority/tls.crt'), theirs.certificate);
  writeFileSync(key, theirs.key);
  await assert.rejects(made.make(), /authority in .* cannot be used: its privateKey is none of ECDSA on P-256/);
});

test('a folder that cannot be written is told by its path', async () => {
  using made = start();
  writeFileSync(join(made.folder, 'groups'), 'a file');
  await assert.rejects(made.make(), /(ENOTDIR|EEXIST).*groups/);
});
