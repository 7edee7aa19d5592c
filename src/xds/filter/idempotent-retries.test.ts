import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, route } from '../../../test/fake/representation.ts';
import { withIdempotentEntry } from './idempotent-retries.ts';

const retry = { on: ['connect-failure'], statusCodes: [], count: 2, backoffBaseMs: 25, backoffMaxMs: 250 };
const byMethod = { name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|PUT|DELETE' } } };

/** What each entry of a route asks of headers, and after which failures it tries again. */
function entriesOf(onIdempotent: readonly string[], method?: string) {
  const action = forward({ retry: { ...retry, onIdempotent } });
  const headers = method === undefined ? [] : [{ name: ':method', string_match: { exact: method } }];
  const entry = { match: { prefix: '/', headers }, route: { retry_policy: { retry_on: 'connect-failure' } } };
  const entries = withIdempotentEntry(route('web', { type: 'prefix', value: '/' }, { action }), entry);
  return entries.map(({ match, route }) => [match?.headers ?? [], route?.retry_policy?.retry_on] as const);
}

test('the usual failures need no entry of their own', () => {
  for (const onIdempotent of [['reset'], []]) assert.deepEqual(entriesOf(onIdempotent), [[[], 'connect-failure']]);
});

test('others have one by method, unless the route is for one method anyway', () => {
  const exact = (method: string) => [{ name: ':method', string_match: { exact: method } }];
  assert.deepEqual(entriesOf(['5xx']), [
    [[byMethod], 'connect-failure,5xx'],
    [[], 'connect-failure'],
  ]);
  assert.deepEqual(entriesOf(['5xx'], 'PUT'), [[exact('PUT'), 'connect-failure,5xx']]);
  assert.deepEqual(entriesOf(['5xx'], 'POST'), [[exact('POST'), 'connect-failure']]);
});
