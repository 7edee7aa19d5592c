import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { literalEncoder } from './literal-encoder.ts';

const scalars = [
  'double',
  'float',
  'int32',
  'uint32',
  'sint32',
  'fixed32',
  'sfixed32',
  'int64',
  'uint64',
  'sint64',
  'fixed64',
  'sfixed64',
  'bool',
  'string',
  'bytes',
];

const proto = `
syntax = "proto3";
package test;
import "google/protobuf/any.proto";
enum Colour { RED = 0; BLUE = 3; }
message Inner { string name = 1; Inner inner = 2; }
message All {
  ${scalars.map((type, index) => `${type} a_${type} = ${index + 1}; repeated ${type} many_${type} = ${index + 101}; optional ${type} maybe_${type} = ${index + 201};`).join('\n  ')}
  Inner inner = 301;
  repeated Inner inners = 302;
  map<string, Inner> by_name = 303;
  map<string, string> texts = 304;
  map<int64, bool> numbers = 305;
  Colour colour = 306;
  repeated Colour colours = 307;
  oneof which { string this = 308; Inner that = 309; uint32 number = 310; }
  google.protobuf.Any any = 311;
  repeated uint32 apart = 312 [packed = false];
}`;
const root = protobuf.parse(proto, new protobuf.Root(), { keepCase: true }).root;
root.add(protobuf.Root.fromJSON(protobuf.common.get('google/protobuf/any.proto') as protobuf.INamespace).lookup('google') as protobuf.Namespace);
root.resolveAll();
const all = root.lookupType('test.All');
const encode = literalEncoder((name) => root.lookupType(name));

/** What is the same for the encoder of the library. Its maps are in the order of the literal. */
function same(literal: Readonly<Record<string, unknown>>): void {
  const theirs = all.encode(all.fromObject(literal)).finish();
  assert.equal(Buffer.from(encode(all, literal)).toString('hex'), Buffer.from(theirs).toString('hex'), JSON.stringify(literal));
}

const values: Readonly<Record<string, readonly unknown[]>> = {
  double: [0, -0, 1.5, 'NaN', -1e300],
  float: [0, 0.25, 'Infinity'],
  bool: [true, false],
  string: ['', 'a', 'é', 'x'.repeat(200)],
  bytes: [Buffer.from('abc'), Buffer.alloc(0), 'AAEC'],
};
for (const type of scalars) {
  test(`${type} is written as the library writes it`, () => {
    const isUnsigned = type.includes('u') || type.startsWith('fixed');
    const numbers = isUnsigned ? [0, 1, 127, 128, 4_294_967_295] : [0, 1, -1, 128, -2_147_483_648];
    const list = values[type] ?? [...numbers, ...(type.includes('64') ? [Number.MAX_SAFE_INTEGER, '12'] : [])];
    for (const value of list) {
      same({ [`a_${type}`]: value });
      same({ [`maybe_${type}`]: value });
    }
    same({ [`many_${type}`]: list });
    same({ [`many_${type}`]: [] });
  });
}

const deep = { name: 'a', inner: { inner: { name: 'b'.repeat(150) } } };
const literals: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { inner: {}, inners: [{}, deep, { name: '' }], a_string: undefined, a_bool: null },
  // Written in the order of numbers, whatever that of the literal.
  { inner: deep, a_string: 'x', a_double: 1 },
  { by_name: { a: deep, b: {} }, texts: { a: '', b: 'c' }, numbers: { '5': true, '7': false } },
  { colour: 'RED' },
  { colour: 'BLUE', colours: ['RED', 'BLUE', 3, 7] },
  { this: '' },
  { that: {} },
  { number: 0, apart: [1, 2, 300] },
  { any: { '@type': 'type.googleapis.com/test.Inner', name: 'inside' } },
  { any: { '@type': 'type.googleapis.com/test.Inner' } },
  { any: { type_url: 'type.googleapis.com/test.Unknown', value: Buffer.from('abc') } },
  { any: { '@type': 'type.googleapis.com/test.All', texts: { b: '1', a: '2' }, any: { '@type': 'type.googleapis.com/test.Inner', name: 'deeper' } } },
];
for (const literal of literals) {
  test(`${JSON.stringify(literal)} is written as the library writes it`, () => same(literal));
}

test('maps are sorted by their keys', () => {
  assert.deepEqual(encode(all, { texts: { b: '1', a: '2' } }), encode(all, { texts: { a: '2', b: '1' } }));
});

const wrong: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ nothing: 1 }, /test\.All has no field nothing/],
  [{ this: 'a', number: 1 }, /test\.All has several members of which/],
  [{ inner: 'a' }, /test\.All\.inner must be an object/],
  [{ inners: {} }, /test\.All\.inners must be a list/],
  [{ texts: [] }, /test\.All\.texts must be an object/],
  [{ colour: 'GREEN' }, /test\.All\.colour has no value GREEN/],
  [{ any: { '@type': 'type.googleapis.com/test.Nothing' } }, /test\.Nothing/],
];
for (const [literal, message] of wrong) {
  test(`${JSON.stringify(literal)} cannot be encoded`, () => {
    assert.throws(() => encode(all, literal), message);
  });
}
