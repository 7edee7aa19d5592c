import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, isPassword } from './htpasswd.ts';

/** Made by openssl, perl and htpasswd: what crypt(3) and Apache say. */
const hashes: readonly (readonly [form: string, password: string, hash: string])[] = [
  ['apr1', 'pw', '$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1'],
  ['apr1, nothing', '', '$apr1$abcdefgh$L.PT565ESX4Tp2bqNs7Ie.'],
  ['MD5', 'pw', '$1$abcdefgh$IQtUouv7y7Q9dRWkQEPCc.'],
  ['SHA-256', 'pw', '$5$abcdefgh$ijtOJ//yvc/9bq1g0llFn9dB688BwBDRD90DlKKSKE1'],
  ['SHA-256 with rounds', 'longer than eight', '$5$rounds=1500$saltsaltsaltsalt$IgybFIa7focEEfb7dAlsAPsCsSTwwD2h9vQRP4CWMZ5'],
  ['SHA-256, not of ASCII', 'päss', '$5$rounds=1500$saltsaltsaltsalt$6ccBkbR5vZRHAA5V95N7bEMKsFhIFb5ah0/VfHqw/z5'],
  ['SHA-512', 'pw', '$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9IjsiQ8VPiTXBiZF49dFL1U4wX/'],
  ['bcrypt of htpasswd', 'pw', '$2y$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q'],
  ['bcrypt of others', 'päss', '$2b$05$abcdefghijklmnopqrstuuQNr.NUko7cjRuTOhPz.WP0eA4f4.Xuq'],
  ['DES', 'pw', 'abzlUXK5ed5rs'],
  ['DES, not of ASCII', 'päss', 'abxNd6oRGYP9Q'],
  ['{SHA}', 'secret', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
  ['{SSHA}', 'pw', '{SSHA}K/qCHdTzr1rftXNEV4Ob7XsySBlzYWx0'],
  ['{PLAIN}', 'pässwörd', '{PLAIN}pÃ¤sswÃ¶rd'],
];

for (const [form, password, hash] of hashes) {
  test(`a password of the form ${form} is known, and no other`, () => {
    assert.equal(isPassword(Buffer.from(password), hash), true);
    assert.equal(isPassword(Buffer.from(`x${password}`), hash), false);
  });
}

test('what is no hash is nobody’s password', () => {
  for (const hash of ['', 'pw', '*0', '$', '$9$x$y', '$2y$05$short', '$5$rounds=99999999$x$y', '$apr1$', '{SHA}', '{OTHER}pw']) {
    assert.equal(isPassword(Buffer.from('pw'), hash), false, hash);
  }
});

test('the first line of a user holds, up to its second colon', () => {
  const file = '# bob:old\nalice:one:Alice\r\nbob:two\nbob:three\n\nno colon\n';
  assert.equal(hashOf(file, 'alice'), 'one');
  assert.equal(hashOf(file, 'bob'), 'two');
  assert.equal(hashOf(file, 'no colon'), undefined);
  assert.equal(hashOf(file, '# bob'), undefined);
  assert.equal(hashOf(file, ''), undefined);
});
