import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultSettings } from '../settings.ts';
import { createApi } from './api.ts';
import type { Served } from './served.ts';

test('the reference page has every call of the API, and no other', () => {
  const page = readFileSync(new URL('../../docs/reference/admin-api.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z]+) (\/api\/v1\/[^?`]*)/gm)].map(([, method, path]) => `${method} ${path}`);
  const app = createApi({
    served: {} as Served,
    settings: defaultSettings,
    clock: { now: () => 0, steady: () => 0, after: () => () => {} },
    version: '',
    onBug: () => {},
  });
  const calls = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(documented.sort(), calls.sort());
});
