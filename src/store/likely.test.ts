import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likelyMeant } from './likely.ts';

test('the nearest of the known words is meant, unless none is near or there is none', () => {
  assert.equal(likelyMeant('httproutes', ['Gateway', 'HTTPRoute']), 'HTTPRoute');
  assert.equal(likelyMeant('pods', ['Gateway', 'HTTPRoute']), undefined);
  assert.equal(likelyMeant('pods', []), undefined);
});
