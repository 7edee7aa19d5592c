import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileDocument, unchangedDocument } from './file-document.ts';
import { createFileSet } from './file-set.ts';
import { type FileState, fileState } from './file-state.ts';
import { splitDocuments } from './yaml.ts';

/** Documents, from one word each: a name, `name!` for an invalid object of that name, `?` for broken YAML, `other` for a foreign kind. */
function text(...words: readonly string[]): string {
  return words
    .map((word) => {
      if (word === '?') return '---\nx: [\n';
      if (word === 'other') return '---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\n';
      if (word === 'nameless') return '---\napiVersion: v1\nkind: ConfigMap\n';
      const name = word.replace('!', '');
      return `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${word.endsWith('!') ? 'data: 5\n' : ''}`;
    })
    .join('');
}

function read(before: FileState | undefined, words: readonly string[], settled: boolean): FileState {
  const documents = splitDocuments(text(...words)).map(
    (part, number) => unchangedDocument(before?.documents ?? [], part, number) ?? readFileDocument('a.yaml', part, number),
  );
  return fileState(before, documents, settled);
}

const names = ({ objects }: FileState): string =>
  [...objects.values()]
    .map(([form]) => form?.name)
    .sort()
    .join(' ');

const cases: readonly (readonly [string, readonly string[], readonly string[], boolean, string, boolean])[] = [
  ['what is written is in force', ['a', 'b'], ['b', 'c'], true, 'b c', false],
  ['what is missing from a file that may be half written stays', ['a', 'b'], ['a'], false, 'a b', true],
  ['nothing is missing, so nothing has to settle', ['a'], ['a', 'b'], false, 'a b', false],
  ['an invalid object stays, others go', ['a', 'b', 'c'], ['a!', 'c'], true, 'a c', false],
  ['a broken document may be any object', ['a', 'b'], ['a', '?'], true, 'a b', false],
  ['so may an object without a name', ['a', 'b'], ['a', 'nameless'], true, 'a b', false],
  ['an object of another kind is none of them', ['a', 'b'], ['a', 'other'], true, 'a', false],
  ['nothing is left', ['a'], [], true, '', false],
];
for (const [name, before, after, settled, expected, isUnsettled] of cases) {
  test(name, () => {
    const state = read(read(undefined, before, true), after, settled);
    assert.deepEqual([names(state), state.isUnsettled], [expected, isUnsettled]);
  });
}

test('a kept form stays kept until its document is mended', () => {
  const first = read(undefined, ['a', 'b'], true);
  const broken = read(read(first, ['?', 'b'], true), ['?', 'b'], true);
  assert.equal(names(broken), 'a b');
  assert.equal(names(read(broken, ['b'], true)), 'b');
});

test('of an object in two files every form is told; one whose file is away counts only where there is no other', () => {
  const set = createFileSet();
  const [a, b] = [read(undefined, ['p', 'q'], true).objects, read(undefined, ['q'], true).objects];
  set.put('a.yaml', a);
  set.put('b.yaml', b);
  const told = () => {
    const change = set.takeChange();
    return change && { put: change.put.map(({ name }) => name).sort(), remove: change.remove.map(({ name }) => name) };
  };
  assert.deepEqual(told(), { put: ['p', 'q', 'q'], remove: [] });
  assert.equal(told(), undefined);
  set.put('b.yaml', b);
  assert.equal(told(), undefined);
  set.setAway('a.yaml', true);
  assert.deepEqual(told(), { put: ['p', 'q'], remove: [] });
  assert.equal(set.all().length, 2);
  set.put('a.yaml', new Map());
  set.setAway('a.yaml', false);
  assert.deepEqual(told(), { put: ['q'], remove: ['p'] });
});
