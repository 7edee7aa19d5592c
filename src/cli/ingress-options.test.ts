import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withWrittenSwitches } from './ingress-options.ts';

test('a switch does not take what stands behind it, unless by `=`', () => {
  assert.deepEqual(withWrittenSwitches(['lint', '--disable-catch-all', 'deploy/', '--enable-ssl-passthrough=false', '--configmap', 'a/b']), [
    'lint',
    '--disable-catch-all=true',
    'deploy/',
    '--enable-ssl-passthrough=false',
    '--configmap',
    'a/b',
  ]);
  assert.deepEqual(withWrittenSwitches(['lint', '--', '--disable-catch-all']), ['lint', '--', '--disable-catch-all']);
});
