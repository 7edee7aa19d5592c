import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aimOf } from '../../bench/release/aim.ts';
import type { Outcome } from '../../bench/release/measurement.ts';

const clean: Outcome = {
  fault: 'late-graceful',
  subject: 'sluice',
  times: 18,
  sent: 20_000,
  failed: { get: 0, post: 0, byProxy: 0 },
  cut: 0,
  met: { begun: 0, unread: 0, crossed: 0, unsent: 0 },
  duplicated: 0,
  closed: 0,
  latencyMs: { p50: 11, p99: 20, p999: 30, max: 40 },
  reasons: {},
  failures: [],
};
const failed = (get: number, post: number) => ({ get, post, byProxy: get + post });

for (const [name, changed, verdict] of [
  ['nothing fails', {}, 'met'],
  ['POST crossed a close', { failed: failed(0, 3), met: { begun: 0, unread: 1, crossed: 2, unsent: 0 } }, 'met but for 3 POST that crossed a close'],
  ['one more POST failed than crossed', { failed: failed(0, 4), met: { begun: 0, unread: 1, crossed: 2, unsent: 0 } }, 'NOT MET'],
  ['a graceful backend had begun it', { failed: failed(0, 1), met: { begun: 1, unread: 0, crossed: 0, unsent: 0 } }, 'NOT MET'],
  ['nobody saw the packets', { failed: failed(0, 1), met: { begun: 0 } }, 'NOT MET'],
  ['a GET failed', { failed: failed(1, 0) }, 'NOT MET'],
  ['a POST came twice', { duplicated: 1 }, 'NOT MET'],
  ['announced, a POST crossed', { fault: 'announced-graceful', failed: failed(0, 1), met: { begun: 0, crossed: 1 } }, 'NOT MET'],
  ['an edit closed a connection', { fault: 'route-edited', closed: 1 }, 'NOT MET'],
  ['killed, all in hand', { fault: 'late-kill', failed: failed(0, 3), met: { begun: 2, unread: 1, crossed: 0, unsent: 0 } }, 'met'],
  [
    'killed, one crossed',
    { fault: 'late-kill', failed: failed(0, 3), met: { begun: 2, unread: 0, crossed: 1, unsent: 0 } },
    'met but for 1 POST that crossed a close',
  ],
  ['killed, an answer cut off', { fault: 'late-kill', failed: failed(1, 0), cut: 1 }, 'met but for 1 GET whose answer had begun'],
  ['killed, a GET lost', { fault: 'late-kill', failed: failed(2, 0), cut: 1 }, 'NOT MET'],
  ['killed, one without a reason', { fault: 'late-kill', failed: failed(0, 3), met: { begun: 2, unread: 0, crossed: 0, unsent: 0 } }, 'NOT MET'],
] as const) {
  test(`the aim of a release: ${name}`, () => assert.equal(aimOf({ ...clean, ...changed }, [])?.verdict, verdict));
}

test('the aim of a release: no more than nginx fail, whatever the reason', () => {
  const killed: Outcome = { ...clean, fault: 'late-kill', failed: failed(0, 3), met: { begun: 3 } };
  const nginx: Outcome = { ...killed, subject: 'nginx', failed: failed(1, 1) };
  assert.equal(aimOf(killed, [killed, nginx])?.verdict, 'NOT MET');
  assert.equal(aimOf(nginx, [killed, nginx]), undefined);
});
