import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from './check.ts';
import { createPasswords } from './passwords.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test('a right password is worked out once for all who come with it, a wrong one each time, and a changed hash anew', async () => {
  const checks: Check[] = [];
  const isPassword = (check: Check) => {
    checks.push(check);
    return Promise.resolve(Buffer.from(check.password).toString() === 'pw');
  };
  const passwords = createPasswords({ isPassword, stop: () => Promise.resolve() });
  const both = await Promise.all([passwords.isKnown('bob:one', basic('bob:pw')), passwords.isKnown('bob:one', basic('bob:pw'))]);
  assert.deepEqual([both, await passwords.isKnown('bob:one', basic('bob:pw')), checks.length], [[true, true], true, 1]);
  assert.deepEqual(
    [await passwords.isKnown('bob:one', basic('bob:no')), await passwords.isKnown('bob:one', basic('bob:no')), checks.length],
    [false, false, 3],
  );
  assert.deepEqual([await passwords.isKnown('bob:two', basic('bob:pw')), checks.length], [true, 4]);
  assert.deepEqual([await passwords.isKnown('bob:two', basic('eve:pw')), checks.length], [false, 4]);
});

test('where nobody can say, it is not a no', async () => {
  const passwords = createPasswords({ isPassword: () => Promise.resolve(undefined), stop: () => Promise.resolve() });
  assert.equal(await passwords.isKnown('bob:one', basic('bob:pw')), undefined);
});
