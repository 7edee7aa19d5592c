import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type CertificateAndKey, selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { fakeView, objectsOf } from '../../test/fake/objects.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import { certificateDiagnostics, certificateValidity, checkHost, servedCertificate } from './tls.ts';

const now = Date.UTC(2026, 0, 1);
const day = 24 * 60 * 60 * 1000;
const good = await selfSigned(['shop.example.com', '*.shop.example.com'], now, 10);
const other = await selfSigned(['other.example.com'], now, 10);

function serve(pair: CertificateAndKey | undefined) {
  const found: Diagnostic[] = [];
  const view = fakeView(pair ? objectsOf(tlsSecret('cert', pair)) : []);
  const at = () => ({ object: 'Gateway default/web' });
  const served = servedCertificate(view, 'default', 'cert', at, 'nobody answers', (one) => found.push(one));
  return { served, found, places: found.map(({ code, at: { object, field } }) => [code, object, field].filter(Boolean).join(' ')) };
}

test('tls: a certificate with its key is served', () => {
  const { served, found } = serve(good);
  assert.deepEqual(found, []);
  assert.deepEqual(served?.names, ['shop.example.com', '*.shop.example.com']);
  assert.deepEqual(served.secret, {
    type: 'certificate',
    name: 'default/cert',
    certificateChainPem: good.certificate,
    privateKeyPem: good.key,
    origins: [{ object: 'Secret default/cert' }],
  });
});

test('tls: a chain is served as a whole, its first certificate counts', () => {
  const { served } = serve({ certificate: good.certificate + other.certificate, key: good.key });
  assert.equal(served?.secret.certificateChainPem, good.certificate + other.certificate);
  assert.equal(serve({ certificate: other.certificate + good.certificate, key: good.key }).served, undefined);
});

const small = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const locked = small.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();

const broken: readonly [string, CertificateAndKey, string][] = [
  ['the key of another certificate', { certificate: good.certificate, key: other.key }, 'data.tls.key'],
  ['no certificate in it', { certificate: 'hello', key: good.key }, 'data.tls.crt'],
  ['a certificate cut off', { certificate: good.certificate.replace(/.{40}\n-----END/, '\n-----END'), key: good.key }, 'data.tls.crt'],
  ['no key in it', { certificate: good.certificate, key: 'hello' }, 'data.tls.key'],
  ['a key with a password', { certificate: good.certificate, key: locked }, 'data.tls.key'],
];
for (const [name, pair, field] of broken) {
  test(`tls: a Secret with ${name} is reported where it is and where it is used`, () => {
    const { served, places } = serve(pair);
    assert.equal(served, undefined);
    assert.deepEqual(places, [`InvalidCertificate Secret default/cert ${field}`, 'InvalidCertificate Gateway default/web']);
  });
}

test('tls: no key at all, and no Secret at all', () => {
  const found: Diagnostic[] = [];
  const view = fakeView(objectsOf('{apiVersion: v1, kind: Secret, metadata: {name: cert}, stringData: {tls.crt: x}}'));
  assert.equal(
    servedCertificate(
      view,
      'default',
      'cert',
      () => ({}),
      'nobody answers',
      (one) => found.push(one),
    ),
    undefined,
  );
  assert.match(found[0]?.message ?? '', /has no key under `tls.key`, so nobody answers\.$/);
  assert.deepEqual(serve(undefined).places, ['SecretNotFound Gateway default/web']);
});

test('tls: nothing of a key is said', () => {
  const { found } = serve({ certificate: good.certificate, key: other.key });
  const secretLine = other.key.split('\n')[1] ?? '';
  assert.ok(secretLine.length > 20 && !JSON.stringify(found).includes(secretLine));
});

for (const [host, expected] of [
  ['*', 0],
  ['shop.example.com', 0],
  ['a.shop.example.com', 0],
  ['*.shop.example.com', 0],
  ['b.a.shop.example.com', 1],
  ['example.com', 1],
] as const) {
  test(`tls: the certificate ${expected === 0 ? 'is' : 'is not'} for ${host}`, () => {
    const { served } = serve(good);
    const found: Diagnostic[] = [];
    checkHost(
      served ? [served] : [],
      host,
      () => ({}),
      (one) => found.push(one),
    );
    assert.equal(found.filter(({ code }) => code === 'CertificateHostMismatch').length, expected);
  });
}

test('tls: what time says of a certificate', () => {
  assert.deepEqual(certificateValidity(good.certificate), { notBefore: now - day / 24, notAfter: now + 10 * day });
  assert.equal(certificateValidity('hello'), undefined);
  const { served } = serve(good);
  const group: Group = { name: 'default', listeners: [], routeConfigurations: [], backends: [], secrets: served ? [served.secret] : [] };
  const at = (time: number) => certificateDiagnostics(group, time).map(({ code, at: { object } }) => [code, object]);
  assert.deepEqual(at(now), []);
  assert.deepEqual(at(now - day), [['CertificateNotYetValid', 'Secret default/cert']]);
  assert.deepEqual(at(now + 11 * day), [['CertificateExpired', 'Secret default/cert']]);
});
