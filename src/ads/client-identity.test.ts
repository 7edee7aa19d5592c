import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import { defaultClientLimits } from '../client-limits.ts';
import { groupUri } from '../trust-domain.ts';
import { identityOf, speaksFor } from './client-identity.ts';
import { createAdmission } from './limit/admission.ts';

const certificate = (subjectaltname: string | undefined, subject: Record<string, string | string[]> = { CN: 'edge-1' }) =>
  ({ subject, subjectaltname }) as unknown as PeerCertificate;

describe('who a client is', () => {
  const cases: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['no names', undefined, []],
    ['one URI', 'URI:spiffe://sluice/group/default', ['spiffe://sluice/group/default']],
    ['several, among others', 'DNS:edge-1, URI:spiffe://a/b, IP Address:10.0.0.1, URI:spiffe://c/d', ['spiffe://a/b', 'spiffe://c/d']],
    // Node writes a value with a comma or a quote in it as a JSON string.
    ['a name that pretends to be two', 'DNS:"a, URI:spiffe://sluice/group/default"', []],
    ['a quoted URI', 'URI:"spiffe://sluice/group/default, x", URI:spiffe://a/b', ['spiffe://a/b']],
    ['an escaped quote', 'DNS:"a\\", URI:spiffe://sluice/group/default"', []],
  ];
  for (const [name, names, uris] of cases) test(name, () => assert.deepEqual(identityOf(certificate(names)).uris, uris));

  test('the subject is in one line', () => {
    assert.equal(identityOf(certificate('', { O: 'shop', OU: ['a', 'b'], CN: 'edge-1' })).subject, 'O=shop, OU=a, OU=b, CN=edge-1');
    assert.equal(identityOf({} as PeerCertificate).subject, '');
  });
});

describe('whom a certificate speaks for', () => {
  const cases: readonly (readonly [uri: string, group: string, is: boolean])[] = [
    ['spiffe://sluice/group/default', 'default', true],
    ['spiffe://sluice/group/sidecar/default/shop', 'sidecar/default/shop', true],
    ['spiffe://sluice/group/a%20b', 'a b', true],
    ['spiffe://sluice/group/%C3%A4', 'ä', true],
    ['spiffe://sluice/group/default', 'other', false],
    ['spiffe://sluice/group/default', '', false],
    ['spiffe://sluice/group/', '', true],
    ['spiffe://sluice/group/sidecar', 'sidecar/default/shop', false],
    ['spiffe://sluice/group/sidecar/default/shop', 'sidecar', false],
    ['spiffe://other/group/default', 'default', false],
    ['spiffe://sluice/ns/group/default', 'default', false],
    // One way only to write a group.
    ['spiffe://sluice/group/sidecar%2Fdefault%2Fshop', 'sidecar/default/shop', false],
    ['spiffe://sluice/group/%64efault', 'default', false],
    ['spiffe://sluice/group/x/../default', 'default', false],
    ['spiffe://sluice/group/default/', 'default', false],
    ['spiffe://sluice/group/default?x', 'default', false],
    ['SPIFFE://sluice/group/default', 'default', false],
    ['https://sluice/group/default', 'default', false],
  ];
  for (const [uri, group, is] of cases) {
    test(`${uri} ${is ? 'is' : 'is not'} for ${JSON.stringify(group)}`, () => assert.equal(speaksFor({ subject: '', uris: [uri] }, 'sluice', group), is));
  }

  test('of several URIs one is enough', () => {
    assert.ok(speaksFor({ subject: '', uris: ['spiffe://sluice/group/a', 'spiffe://sluice/group/b'] }, 'sluice', 'b'));
  });

  test('the trust domain is the one that is set', () => {
    assert.equal(groupUri('example.org', 'a/b'), 'spiffe://example.org/group/a/b');
  });
});

describe('a client with a certificate', () => {
  const open = (...uris: string[]) => createAdmission({ limits: defaultClientLimits, trustDomain: 'sluice', client: { subject: 'CN=edge-1', uris } });
  const asking = (group: string) => ({ protocol: 'sotw', typeUrl: '', nonce: '', names: [], node: { id: 'n', group, agent: '' } }) as const;

  test('may ask for its group', () => {
    assert.equal(open('spiffe://sluice/group/a').refuses(asking('a'), 0), undefined);
  });

  test('is told what it asked for, what that needs and what it has', () => {
    assert.deepEqual(open('spiffe://sluice/group/a').refuses(asking('b'), 0), {
      code: 'PERMISSION_DENIED',
      message:
        'node.cluster asks for the group "b", which needs spiffe://sluice/group/b in the client certificate; that of CN=edge-1 is for spiffe://sluice/group/a',
    });
    assert.match(open().refuses(asking('b'), 0)?.message ?? '', /names no URI at all/);
  });
});
