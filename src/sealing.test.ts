import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { createSealing } from './sealing.ts';

const sealingWith = (byte: number) => createSealing(createSecretKey(Buffer.alloc(32, byte)));

test('what is sealed opens with the same key, unchanged, and says nothing of itself', () => {
  const sealed = sealingWith(1).seal('bob:secret');
  assert.equal(sealingWith(1).open(sealed), 'bob:secret');
  assert.equal(sealingWith(2).open(sealed), undefined);
  assert.equal(sealingWith(1).open(`${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`), undefined);
  assert.equal(sealingWith(1).open(''), undefined);
  assert.doesNotMatch(Buffer.from(sealed, 'base64url').toString('latin1'), /bob|secret/);
});

test('the same text is sealed to the same, another to another', () => {
  assert.equal(sealingWith(1).seal('a'), sealingWith(1).seal('a'));
  assert.notEqual(sealingWith(1).seal('a').slice(0, 16), sealingWith(1).seal('b').slice(0, 16));
});
