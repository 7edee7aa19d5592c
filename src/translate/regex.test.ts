import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../diagnostic.ts';
import { checkRegex, quoted } from './regex.ts';

/** Expression, whether it is used, what is said. */
const cases: readonly [string, boolean, readonly string[]][] = [
  ['/shop/[0-9]+', true, []],
  ['(?i)/Shop.*', true, []],
  ['(?P<name>a)', true, []],
  ['[', false, ['InvalidRegex']],
  ['a(?=b)', false, ['InvalidRegex']],
  ['(?<!a)b', false, ['InvalidRegex']],
  ['(a)\\1', false, ['InvalidRegex']],
  ['a{1001}', false, ['InvalidRegex']],
  ['/[a-z]{200}', true, ['RegexCostly']],
  ['/[a-z]{90}', true, []],
  ['[a-z]{1000}'.repeat(33), false, ['RegexTooLarge']],
];
for (const [pattern, expected, codes] of cases) {
  test(`regex: ${pattern.slice(0, 20)} gives ${codes.join() || 'nothing'}`, () => {
    const found: Diagnostic[] = [];
    assert.equal(
      checkRegex(
        pattern,
        () => ({ object: 'HTTPRoute default/shop' }),
        (one) => found.push(one),
      ),
      expected,
    );
    assert.deepEqual(
      found.map(({ code }) => code),
      codes,
    );
  });
}

test('regex: quoted text stands for itself', () => {
  const text = 'a.b*c(d)[e]{f}|g^h$i\\j?k+l';
  assert.match(text, new RegExp(`^${quoted(text)}$`));
  assert.doesNotMatch(text.replace('.', 'x'), new RegExp(`^${quoted(text)}$`));
});
