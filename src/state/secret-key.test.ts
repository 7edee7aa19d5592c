import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { secretKeyOf } from './secret-key.ts';

const bytes = randomBytes(32);

test('a key is read raw, in hexadecimal and in base64', () => {
  const forms = [bytes, `${bytes.toString('hex')}\n`, bytes.toString('hex').toUpperCase(), `${bytes.toString('base64')}\n`, bytes.toString('base64url')];
  const ids = forms.map((form) => secretKeyOf(Buffer.from(form))?.id);
  assert.match(ids[0] ?? '', /^[0-9a-f]{8}$/);
  assert.deepEqual(new Set(ids), new Set([ids[0]]));
});

test('anything else is no key', () => {
  for (const form of ['', 'secret', bytes.toString('hex').slice(2), randomBytes(33), randomBytes(64).toString('base64')]) {
    assert.equal(secretKeyOf(Buffer.from(form)), undefined);
  }
});

test('what is sealed opens only whole, with its key and under its name', () => {
  const [key, other] = [secretKeyOf(bytes), secretKeyOf(randomBytes(32))];
  const sealed = key?.seal('name', Buffer.from('content')) ?? assert.fail();
  assert.equal(key?.open('name', sealed)?.toString(), 'content');
  assert.notDeepEqual(key?.seal('name', Buffer.from('content')), sealed);
  assert.equal(key?.open('other', sealed), undefined);
  assert.equal(other?.open('name', sealed), undefined);
  assert.equal(key?.open('name', sealed.subarray(0, 20)), undefined);
  for (let index = 0; index < sealed.length; index++) {
    assert.equal(key?.open('name', sealed.map((byte, at) => (at === index ? byte ^ 1 : byte)) as Buffer), undefined, `byte ${index}`);
  }
});
