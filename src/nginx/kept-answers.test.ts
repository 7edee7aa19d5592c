import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKeptAnswers, secondsByStatus } from './kept-answers.ts';

test('durations are by status, those of nginx where none is named', () => {
  assert.deepEqual(secondsByStatus('200 202 10m, 401 1m'), { 200: 600, 202: 600, 401: 60 });
  assert.deepEqual(secondsByStatus('1h 30m'), { 200: 5400, 301: 5400, 302: 5400 });
  assert.deepEqual(secondsByStatus('any 500ms'), { any: 0.5 });
  assert.deepEqual(secondsByStatus(''), { 200: 300, 202: 300, 401: 300 });
});

test('a rule without a time, or with a status behind it, is none', () => {
  for (const written of ['200', '10m 200', 'soon']) assert.equal(secondsByStatus(written), undefined, written);
});

test('a key with a variable that is not known keeps nothing', () => {
  assert.equal(readKeptAnswers('$upstream_addr', ''), 'the variable $upstream_addr is not known');
  assert.deepEqual(readKeptAnswers('$remote_user$cookie_a', '200 1s'), { key: '$remote_user$cookie_a', seconds: { 200: 1 } });
});
