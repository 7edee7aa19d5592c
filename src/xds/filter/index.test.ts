import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filters } from './index.ts';

test('every file of the folder that defines a filter is in the list', () => {
  const defined = readdirSync(import.meta.dirname)
    .filter((name) => !name.endsWith('.test.ts'))
    .flatMap((name) =>
      [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/(?:^ {2}|: Filter = \{ )name: '(envoy\.[^']+)',/gm)].map(([, filter]) => filter),
    );
  assert.deepEqual(defined.sort(), filters.map(({ name }) => name).sort());
});

test('the router is last, as Envoy demands', () => {
  assert.equal(filters.at(-1)?.name, 'envoy.filters.http.router');
});
