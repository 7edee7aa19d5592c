import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Authorities, followingAuthorities, trustedBy } from './authorities.ts';

const start = Date.parse('2026-11-26T12:00:00Z');
const dayMs = 24 * 60 * 60 * 1000;

/** The state at each of these days of authorities that live 300 days, each asked after the one before. */
async function atDays(...days: readonly number[]): Promise<readonly Authorities[]> {
  const states: Authorities[] = [];
  for (const day of days) states.push(await followingAuthorities(states.at(-1), { commonName: 'test', days: 300, now: start + day * dayMs }));
  return states;
}

test('an authority with a third of its time and more stays as it is', async () => {
  const [first, later] = await atDays(0, 199);
  assert.deepEqual(later, first);
  assert.equal(first?.next, undefined);
});

test('the next one is trusted first, vouches a tenth of its time later, and the one before is trusted until it ends', async () => {
  const [first, announced, waiting, promoted, ended] = await atDays(0, 201, 230, 232, 301);
  assert.deepEqual(announced?.current, first?.current);
  assert.ok(announced?.next);
  assert.deepEqual(waiting, announced);
  assert.deepEqual(promoted, { current: announced.next, previous: first?.current.certificate });
  assert.deepEqual(ended, { current: announced.next });
  assert.equal(trustedBy(announced), `${first?.current.certificate}${announced.next.certificate}`);
  assert.equal(trustedBy(promoted as Authorities), `${announced.next.certificate}${first?.current.certificate}`);
});

test('where nobody asked in time, the announced one takes over at the end of the current one, else a new one is made', async () => {
  const [first, announced, late] = await atDays(0, 295, 301);
  assert.deepEqual(late, { current: announced?.next });
  const [, tooLate] = await atDays(0, 301);
  assert.notDeepEqual(tooLate?.current, first?.current);
  assert.equal(tooLate?.next, undefined);
});
