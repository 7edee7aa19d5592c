import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directivesIn } from './directives.ts';
import { guardsIn } from './snippet.ts';

const cases: readonly (readonly [code: string, guards: readonly string[]])[] = [
  ['allow 10.0.0.0/8; deny all;', ['deny all']],
  ['if ($http_x_token = "") { return 403; }', ['return 403']],
  ['location ~ /\\.git { return 404; }', ['return 404']],
  ['auth_request /auth; auth_request_set $user $upstream_http_x_user;', ['auth_request /auth']],
  ['auth_basic "who"; auth_basic_user_file /etc/users;', ['auth_basic who']],
  ['auth_basic off; auth_request off;', []],
  ['return 301 https://a.example; return 418;', []],
  ['more_set_headers "X-A: deny all;"; # deny all;', []],
];

for (const [code, guards] of cases) test(`who is kept out by ${code}`, () => assert.deepEqual(guardsIn(directivesIn(code)), guards));
