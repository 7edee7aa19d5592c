import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument, splitDocuments } from './yaml.ts';

const readDocuments = (text: string) => splitDocuments(text).map(readDocument);
const values = (text: string) => readDocuments(text).map(({ value, problem }) => problem?.message ?? value);

const texts: readonly (readonly [string, string, readonly unknown[]])[] = [
  ['one document', 'a: 1\n', [{ a: 1 }]],
  ['nothing', '', []],
  ['only comments', '# a\n---\n# b\n', []],
  ['several documents', '---\na: 1\n---\nb: 2\n...\n---\nc: 3', [{ a: 1 }, { b: 2 }, { c: 3 }]],
  ['content on the line of the marker', '--- {a: 1}\n--- # comment\nb: 2\n', [{ a: 1 }, { b: 2 }]],
  ['directives', '%YAML 1.1\n# c\n---\na: 1\n', [{ a: 1 }]],
  ['an end without a beginning', 'a: 1\n...\n# end\n', [{ a: 1 }]],
  ['many blank lines', `${'\n'.repeat(20_000)}${' '.repeat(200_000)}a: 1\n---\n`, [{ a: 1 }]],
  ['carriage returns', 'a: 1\r\n---\r\nb: x\r\n', [{ a: 1 }, { b: 'x' }]],
  ['a byte order mark', '\uFEFFa: 1\n', [{ a: 1 }]],
  ['a marker inside a block text is indented', 'a: |\n  x\n  ---\n  y\n', [{ a: 'x\n---\ny\n' }]],
  ['dashes that are no marker', 'a: 1\n---b: 2\n', [{ a: 1, '---b': 2 }]],
  ['JSON', '{\n\t"a": [1, "x"],\n\t"b": {"c": null}\n}', [{ a: [1, 'x'], b: { c: null } }]],
  ['words for true, as Kubernetes reads them', 'a: yes\nb: on\nc: "on"\nd: no\n', [{ a: true, b: true, c: 'on', d: false }]],
  ['octal numbers', 'a: 0755\n', [{ a: 493 }]],
  ['dates and times are text', 'a: 2026-01-02T03:04:05Z\nb: 2026-01-02\nc: 22:22\n', [{ a: '2026-01-02T03:04:05Z', b: '2026-01-02', c: '22:22' }]],
  ['merge keys and anchors', 'a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n', [{ a: { p: 1, q: 2 }, b: { p: 1, q: 3 } }]],
  ['tags that JSON lacks', 'a: !!binary aGk=\nb: !Ref c\n', [{ a: 'aGk=', b: 'c' }]],
  ['words for true as keys are text', 'on: [1]\nno: {y: 2}\n', [{ on: [1], no: { y: 2 } }]],
  ['numbers as keys are text', '1: a\n', [{ '1': 'a' }]],
];
for (const [name, text, expected] of texts) test(`read: ${name}`, () => assert.deepEqual(values(text), expected));

test('a broken document says where, and harms no other', () => {
  const [first, second, third] = readDocuments('a: 1\n---\nb: 2\nc: [1,\n  2\nd: 3\n---\ne: 4\n');
  assert.deepEqual([first?.value, third?.value], [{ a: 1 }, { e: 4 }]);
  assert.deepEqual([second?.value, second?.problem?.line], [undefined, 6]);
});

const broken: readonly (readonly [string, string, RegExp, number])[] = [
  ['a key twice', 'a: 1\nb: 2\na: 3\n', /unique/, 3],
  ['a text without end', 'a: "x\nb: 1\n', /quote/, 2],
  ['tabs to indent', 'a:\n\tb: 1\n', /[Tt]ab/, 2],
  ['an alias of nothing', 'a: *x\n', /[Uu]nresolved|x/, 1],
  ['aliases of aliases', aliasBomb(), /alias/, 1],
  ['too deep', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, /nested too deeply/, 1],
  ['an alias of itself', 'a: &a [*a]\n', /an alias stands within what it stands for/, 1],
];
for (const [name, text, message, line] of broken) {
  test(`broken: ${name}`, () => {
    const [document] = readDocuments(text);
    assert.match(document?.problem?.message ?? '', message);
    assert.equal(document?.problem?.line, line);
    assert.equal(document?.value, undefined);
  });
}

/** Nine levels of nine aliases each: 400 million values from 500 characters. */
function aliasBomb(): string {
  const levels = ['a: &l0 [x]'];
  for (let level = 1; level <= 9; level += 1) levels.push(`b${level}: &l${level} [${Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')}]`);
  return levels.join('\n');
}

test('fields are found at their line and column, missing ones at their nearest parent', () => {
  const [, document] = readDocuments('x: 1\n---\nspec:\n  rules:\n    - name: a\n    - name: b\n      ports: [80, 90]\n  link: &l {deep: 1}\n  also: *l\n');
  assert.ok(document);
  const at = (path: readonly (string | number)[]) => Object.values(document.locate(path)).join(':');
  assert.equal(at([]), '3:1');
  assert.equal(at(['spec']), '3:1');
  assert.equal(at(['spec', 'rules']), '4:3');
  assert.equal(at(['spec', 'rules', 1]), '6:7');
  assert.equal(at(['spec', 'rules', 1, 'ports', 1]), '7:19');
  assert.equal(at(['spec', 'rules', 1, 'missing']), '6:7');
  assert.equal(at(['spec', 'rules', 7]), '4:3');
  assert.equal(at(['spec', 'also', 'deep']), '8:13');
});

const beginnings: readonly (readonly [string, string])[] = [
  ['a: 1\n', '1:1'],
  ['\n# note\n  a: 1\n  b: 2\n', '3:3'],
  ['--- # note\n\na: 1', '3:1'],
  ['--- {a: 1}\n', '1:5'],
  ['---\n{a: 1}\n', '2:1'],
  ['%YAML 1.1\n---\na: 1\n', '3:1'],
  ['"a": 1\n', '1:1'],
  ['# note\r\na: 1\r\n', '2:1'],
];
for (const [text, place] of beginnings) {
  test(`a document begins where its content does: ${JSON.stringify(text)}`, () => {
    assert.equal(Object.values(readDocuments(text)[0]?.locate([]) ?? {}).join(':'), place);
  });
}
