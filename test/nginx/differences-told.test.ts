import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Annotation } from '../../src/nginx/annotation.ts';
import { families } from '../../src/nginx/family/index.ts';
import { notRead } from '../../src/nginx/family.ts';

const read = families.filter((family) => family.read !== notRead).flatMap(({ annotations }): readonly Annotation[] => Object.values(annotations));

test('an annotation that is not exact says in what it differs', () => {
  const silent = read.filter(({ verdict, difference }) => verdict !== 'exact' && verdict !== 'noop' && !difference);
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
  );
});

for (const { name, doc, difference } of families.flatMap(({ annotations }): readonly Annotation[] => Object.values(annotations))) {
  if (!difference) continue;
  test(`the difference of ${name} is said in sentences`, () => {
    const { example, nginx, sluice, remedy } = difference;
    for (const sentence of [doc, nginx, sluice, remedy]) assert.match(sentence, /^[^a-z\s].*\.$/s);
    assert.match(example, /[^.]$/);
  });
}
