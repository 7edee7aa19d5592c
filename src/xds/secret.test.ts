import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownCertificateName } from '../ir/names.ts';
import { secretResource } from './secret.ts';

const certificate = (name: string, text: string) => secretResource({ type: 'certificate', name, certificateChainPem: text, privateKeyPem: text, origins: [] });

test('the certificate that each replica makes itself has one version on all of them, and no other secret has that', () => {
  const [one, other] = [certificate(ownCertificateName, 'one'), certificate(ownCertificateName, 'other')];
  assert.notDeepEqual(one.bytes, other.bytes);
  assert.equal(one.version, other.version);
  assert.notEqual(certificate('shop/tls', 'one').version, certificate('shop/tls', 'other').version);
});
