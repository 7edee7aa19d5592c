import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRetry } from '../defaults.ts';
import { onStatusCodes, retryOf } from './retries.ts';

/** As an Ingress has it with `proxy-next-upstream: error http_503`. */
const ofIngress = { ...defaultRetry, onIdempotent: ['reset', onStatusCodes], statusCodes: [503] };

test('status codes that are for requests which may be sent twice stay so, whatever a policy says of failures', () => {
  const onIdempotentWith = (retries: Parameters<typeof retryOf>[0]['retries']) => retryOf({ retries }, undefined, false, ofIngress).onIdempotent;
  assert.deepEqual(onIdempotentWith({ onIdempotent: [] }), [onStatusCodes]);
  assert.deepEqual(onIdempotentWith({ onIdempotent: ['GatewayError'] }), ['gateway-error', onStatusCodes]);
  assert.deepEqual(onIdempotentWith({ on: ['ConnectFailure', 'Reset'] }), [onStatusCodes]);
  assert.deepEqual(onIdempotentWith({ count: 1 }), ['reset', onStatusCodes]);
});

test('status codes of a rule are for all requests', () => {
  assert.deepEqual(retryOf({}, { codes: [503] }, false).onIdempotent, ['reset']);
});
