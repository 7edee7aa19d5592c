import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnostic } from './diagnostic.ts';

test('of a message that quotes 250,000 characters the middle is left out', () => {
  const { message } = diagnostic('AnnotationIgnored', {}, `"${'x'.repeat(250_000)}" is no duration; it is ignored.`);
  assert.equal(message.length, 3999);
  assert.match(message, /^"x+ … x+" is no duration; it is ignored\.$/);
});

test('any other message is told as it is', () => {
  const text = 'x'.repeat(4000);
  assert.equal(diagnostic('AnnotationIgnored', {}, text).message, text);
});
