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
  [[{ node_id: { exact: 'a' } }, { node_id: { safe_regex: { regex: '(a+)+' } } }], /safe_regex is not supported/],
  [[{ node_id: { custom: {} } }], /custom is not supported/],
  [[{ node_id: {} }], /nothing to compare with/],
];
for (const [matchers, words] of refused) test(`node matchers: ${JSON.stringify(matchers)} is refused`, () => assert.match(String(nodeTest(matchers)), words));
