import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileOrigin } from './file-origin.ts';

test('the position of an origin is looked up once, when it is asked for, and printed with it', () => {
  let looks = 0;
  const locate = (): { readonly line: number; readonly column: number } => {
    looks += 1;
    return { line: 3, column: 7 };
  };
  const origin = fileOrigin('a.yaml', locate, ['spec'], { object: 'Service default/a', field: 'spec' });
  assert.equal(looks, 0);
  assert.deepEqual([origin.line, origin.column], [3, 7]);
  assert.equal(JSON.stringify(origin), '{"object":"Service default/a","field":"spec","file":"a.yaml","line":3,"column":7}');
  assert.equal(looks, 1);
});
