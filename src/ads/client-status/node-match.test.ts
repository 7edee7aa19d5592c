import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTest } from './node-match.ts';

type Matchers = Parameters<typeof nodeTest>[0];
const cases: readonly (readonly [what: string, matchers: Matchers, ids: readonly string[]])[] = [
  ['none', [], ['edge-1', 'edge-2', 'Shop']],
  ['an empty one', [{}], ['edge-1', 'edge-2', 'Shop']],
  ['exact', [{ node_id: { exact: 'edge-1' } }], ['edge-1']],
  ['prefix', [{ node_id: { prefix: 'edge-' } }], ['edge-1', 'edge-2']],
  ['suffix', [{ node_id: { suffix: '-2' } }], ['edge-2']],
  ['contains', [{ node_id: { contains: 'ho' } }], ['Shop']],
  ['without case', [{ node_id: { exact: 'sHOP', ignore_case: true } }], ['Shop']],
  ['an expression', [{ node_id: { safe_regex: { regex: 'edge-[0-9]' } } }], ['edge-1', 'edge-2']],
  ['an expression for a part of the name', [{ node_id: { safe_regex: { regex: 'edge' } } }], []],
  ['an expression that is slow elsewhere', [{ node_id: { safe_regex: { regex: '((e|d|g|-|1)+)+' } } }], ['edge-1']],
  ['an expression without case', [{ node_id: { safe_regex: { regex: '(?i)SHOP' }, ignore_case: true } }], ['Shop']],
  ['any of two', [{ node_id: { exact: 'Shop' } }, { node_id: { suffix: '-1' } }], ['edge-1', 'Shop']],
];
for (const [what, matchers, ids] of cases) {
  test(`node matchers: ${what}`, () => {
    const isMeant = nodeTest(matchers);
    assert.ok(typeof isMeant !== 'string');
    assert.deepEqual(['edge-1', 'edge-2', 'Shop'].filter(isMeant), ids);
  });
}

const refused: readonly (readonly [matchers: Matchers, words: RegExp])[] = [
  [[{ node_metadatas: [{}] }], /node_metadatas is not supported/],
  [[{ node_id: { exact: 'a' } }, { node_id: { safe_regex: { regex: '(a' } } }], /safe_regex is not good: .*missing/],
  [[{ node_id: { safe_regex: { regex: '(?=a)a' } } }], /safe_regex is not good/],
  [[{ node_id: { safe_regex: { regex: '[a-z]{1,500}' } } }], /a size of about \d+, above 100/],
  [[{ node_id: { custom: {} } }], /custom is not supported/],
  [[{ node_id: {} }], /nothing to compare with/],
];
for (const [matchers, words] of refused) test(`node matchers: ${JSON.stringify(matchers)} is refused`, () => assert.match(String(nodeTest(matchers)), words));
