import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProcfile } from './procfile.ts';

test('Procfile: entries, comments and empty lines', () => {
  const { entries, mistakes } = parseProcfile('# demo\n\nweb: node web.ts --port 1\r\nweb-2:  FOO=a:b ./run "x: y" \n');
  assert.deepEqual(entries, [
    { name: 'web', command: 'node web.ts --port 1' },
    { name: 'web-2', command: 'FOO=a:b ./run "x: y"' },
  ]);
  assert.deepEqual(mistakes, []);
});

test('Procfile: what is no entry is told with its line', () => {
  const { entries, mistakes } = parseProcfile('web: a\nnonsense\nweb: b\n../x: c\nempty:\n');
  assert.deepEqual(entries, [{ name: 'web', command: 'a' }]);
  assert.deepEqual(
    mistakes.map(({ line }) => line),
    [2, 3, 4, 5],
  );
});
