import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { quickValue } from './quick-yaml.ts';
import { splitDocuments } from './yaml.ts';
import { schema } from './yaml-schema.ts';

/** What the parser says that is asked otherwise; undefined: mistakes. */
function parsed(text: string): unknown {
  const document = parseDocument(text, { version: '1.1', schema, prettyErrors: false, logLevel: 'silent', stringKeys: true });
  return document.errors.length > 0 ? undefined : document.toJS();
}

/** @returns whether the other parser is not needed. */
function agrees(text: string): boolean {
  const value = quickValue(text);
  if (value !== undefined) assert.deepStrictEqual(value, parsed(text), text);
  return value !== undefined;
}

test('what tools write is read at once', () => {
  const lines = [
    '---',
    '# Source: shop/templates/ingress.yaml',
    'apiVersion: networking.k8s.io/v1',
    'kind: Ingress',
    'metadata:',
    '  name: shop',
    '  annotations:',
    '    nginx.ingress.kubernetes.io/proxy-body-size: "8m"',
    '    nginx.ingress.kubernetes.io/rewrite-target: /$2',
    "    empty: ''",
    '  labels: {}',
    '  generation: 7',
    'spec:',
    '  tls:',
    '  - hosts: ["a.example.com", "b.example.com"]',
    '    secretName: shop',
    '  rules:',
    '    - host: "*.example.com"',
    '      http:',
    '        paths:',
    '          -',
    '            path: /a',
    '          - - nested',
    '            -',
    '    -   host:',
    '        isOn: yes',
    '        weight: 0.5',
    'status:',
    '',
  ];
  assert.ok(agrees(lines.join('\n')));
});

const left: readonly string[] = [
  'a: 1\na: 2',
  'a: 1\n b: 2',
  'a:\n  b: 1\n c: 2',
  'a: b: c',
  'a: 1\n- b',
  '- a\nb: 1',
  'a: "b" c',
  'a: &x b\nc: *x',
  'a: "\\q"',
  'a: [b',
  'a: !unknown b',
  '%YAML 1.2\n---\na: b',
  '\ta: b',
  'on: a',
  '1: a',
  '? [a]\n: b',
  '<<: {a: b}',
  '__proto__: a',
  `${'a'.repeat(1100)}: b`,
  '',
  '# a',
  '---\n---\na: b',
  `${'- '.repeat(5000)}a`,
];
for (const text of left) {
  test(`${JSON.stringify(text.slice(0, 30))} is left to the other parser`, () => {
    assert.equal(quickValue(text), undefined);
  });
}

const scalars =
  `a|true|yes|Off|NO|y|n|null|~|Null|12|0x1F|017|0o17|1_000|1.5|.5|1e3|-1|-x|+1|.inf|-.inf|.nan|1:30|2020-01-01|"q"|'s'|"a: b"|'it''s'|"\\n"|{}|[]|["a", "b"]|["a","b" ]|[a]|{a: b}|a b|a  b|a:b|a: b|a #c|a#b|#c|http://x/y?z=1|- a|-|--|---|...|&a x|*a|!t x|>|?|? a|%x|@a|= b|=|<<|a,b|a]|(x)|$1|^/x|/p/(.*)$|*.example.com|0|00|08|1.|0b11|0b12|_|a:|a :b|"a" b|"a"b|[]x|a\\b|1e|12e03|685_230|190:20:30|0.|-0|+|.|..|$|é|on|ON|tRue`.split(
    '|',
  );
const keys = ['a', 'b', 'c', 'd', 'on', 'y', 'null', 'true', 'a.b/c-d', '__proto__', 'constructor', '"q"', '1', '<<', '-a', 'a b', 'a:b'];
const others = [
  '',
  '# c',
  'b: # c',
  'b: |',
  'b: >-',
  'b: |+',
  '  more text',
  '   deeper',
  '{a: b, c: [1, yes]}',
  'c: {a, "b": 1}',
  '- [a: b, {c}]',
  'c: !!str 1',
  'c: "\\x41\\u00e9\\/"',
  'c: "open',
  'c: é 💥',
  'c: x\u2028y',
  '? k',
  ': v',
  ']',
  '}',
  ',',
  '---',
  '   ',
  '-',
  '-   a: 1',
  '-  - a',
  '- # c',
  'a',
  '...',
  'k: "a',
  "b'",
  '- a: 1 # x',
];
const steps = [0, 0, 0, 2, 2, -2, -2, -4, 1, 4, -1];

test('random lines mean to the other parser what they mean here', () => {
  let seed = 1;
  const below = (limit: number): number => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return Math.floor((seed / 4294967296) * limit);
  };
  // The first ones come most often, so that many documents have nothing else.
  const oneOf = (list: readonly string[]): string => list[below(3) === 0 ? below(list.length) : below(Math.min(4, list.length))] ?? '';
  const line = (): string => {
    const [key, scalar] = [oneOf(keys), oneOf(scalars)];
    const forms = [`${key}: ${scalar}`, `${key}:`, `- ${scalar}`, `- ${key}: ${scalar}`, `- ${key}:`, `- - ${scalar}`, `${key}:  ${scalar} `, oneOf(others)];
    return forms[below(forms.length)] ?? '';
  };
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    let indent = 0;
    const lines = Array.from({ length: 1 + below(7) }, () => {
      const written = ' '.repeat(indent) + line();
      indent = Math.max(0, indent + (steps[below(steps.length)] ?? 0));
      return written;
    });
    const text = lines.join(below(20) === 0 ? '\r\n' : '\n');
    // What follows the end of nothing is read here alone.
    if (!text.startsWith('...') && agrees(text)) read += 1;
  }
  assert.ok(read > 3000, `${read} were read`);
});

test('the documents of this repository mean the same', () => {
  const root = join(import.meta.dirname, '..', '..');
  const texts = globSync('{examples,deploy,test/golden}/**/*.yaml', { cwd: root }).flatMap((path) => splitDocuments(readFileSync(join(root, path), 'utf8')));
  const read = texts.filter(({ text }) => agrees(text));
  assert.ok(read.length > texts.length / 2, `${read.length} of ${texts.length}`);
});
