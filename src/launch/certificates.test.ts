import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CertificatesOptions, makeCertificates } from './certificates.ts';

const now = Date.parse('2026-11-26T12:00:00Z');
const dayMs = 24 * 60 * 60 * 1000;

function start() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
  const options: CertificatesOptions = {
    folder,
    serverNames: ['sluice', '127.0.0.1', '::1'],
    groups: ['default', 'sidecar/default/shop'],
    admin: false,
    trustDomain: 'shop.example',
    days: 30,
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

test('refuses groups that no folder can be named after, and an authority that is broken or about to end', async () => {
  using made = start();
  for (const group of ['', '..', 'a/../../b', '/a', 'a b', '-a']) await assert.rejects(made.make({ groups: [group] }), /no name that a folder can have/, group);
  assert.deepEqual(readdirSync(made.folder), []);
  await made.make();
  await assert.rejects(made.make({ now: now + 3650 * dayMs }), /ends at 2036/);
  writeFileSync(join(made.folder, 'authority/tls.crt'), made.read('server/tls.crt'));
  await assert.rejects(made.make(), /authority in .* cannot be used: .* does not belong/);
});

test('a folder that cannot be written is told by its path', async () => {
  using made = start();
  writeFileSync(join(made.folder, 'groups'), 'a file');
  await assert.rejects(made.make(), /(ENOTDIR|EEXIST).*groups/);
});
