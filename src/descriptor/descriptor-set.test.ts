import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { typeOf } from '../proto/codec.ts';
import { wireField, wireFields } from '../proto/wire-fields.ts';
import { largestDescriptorSet, readDescriptorSet } from './descriptor-set.ts';

const shop = readFileSync(join(import.meta.dirname, '../../test/e2e/grpc/shop.binpb'));

function problemOf(bytes: Uint8Array): string {
  const read = readDescriptorSet(bytes);
  assert.ok('problem' in read);
  return read.problem;
}

/** A set of one file with one method `GetItem` of a message with the fields `name`, `many` and `below`. */
function setWith(http: object, more: object = {}): Uint8Array {
  const type = typeOf('google.protobuf.FileDescriptorSet');
  const field = (name: string, number: number, label: string) => ({ name, number, label, type: 'TYPE_STRING' });
  const below = { name: 'below', number: 3, label: 'LABEL_OPTIONAL', type: 'TYPE_MESSAGE', type_name: '.a.Item' };
  const item = { name: 'Item', field: [field('name', 1, 'LABEL_OPTIONAL'), field('many', 2, 'LABEL_REPEATED'), below] };
  const method = { name: 'GetItem', input_type: '.a.Item', output_type: '.a.Item', options: { '.google.api.http': http }, ...more };
  const file = { name: 'a.proto', package: 'a', syntax: 'proto3', message_type: [item], service: [{ name: 'A', method: [method] }] };
  return type.encode(type.fromObject({ file: [file] })).finish();
}

test('what protoc writes is read, with the methods and their requests', () => {
  const read = readDescriptorSet(shop);
  assert.ok('methods' in read);
  assert.deepEqual(
    read.methods.map(({ method, bindings }) => `${method} ${bindings.map((one) => `${one.method} ${one.path.regex}`).join(', ')}`),
    ['GetItem GET /v1/items/[^/]+, GET /v1/shelves/[^/]+/items/[^/]+', 'CreateItem POST /v1/items:create', 'Watch GET /v1/items/[^/]+:watch', 'Chat '],
  );
});

test('comments and places are left out', () => {
  const [first, ...others] = wireFields(shop);
  assert.ok(first);
  const commented = Buffer.concat([wireField(1, Buffer.concat([first.value, wireField(9, Buffer.alloc(1000))])), ...others.map(({ whole }) => whole)]);
  const read = readDescriptorSet(commented);
  assert.ok('bytes' in read);
  assert.deepEqual(Buffer.from(read.bytes), shop);
});

test('what Envoy would refuse is told', () => {
  assert.equal(problemOf(Buffer.alloc(0)), 'holds no file');
  assert.match(problemOf(Buffer.from('hello')), /^cannot be read as compiled \.proto files/);
  assert.match(problemOf(shop.subarray(0, 5000)), /^cannot be read/);
  assert.match(problemOf(Buffer.alloc(largestDescriptorSet + 1)), /above the limit/);
  const files = wireFields(shop).map(({ whole }) => whole);
  assert.match(problemOf(Buffer.concat(files.slice(-1))), /^has no file google\/api\/annotations\.proto before shop\.proto/);
  assert.match(problemOf(Buffer.concat([...files, ...files])), /^has the file .* twice$/);
  assert.match(problemOf(setWith({ get: 'v1' })), /has the HTTP rule GET v1, which is none/);
  assert.match(problemOf(setWith({ body: '*' })), /which is none/);
  assert.match(problemOf(setWith({ get: '/v1/{nothing}' })), /into nothing, which is no plain field of Item/);
  assert.match(problemOf(setWith({ get: '/v1/{many}' })), /into many, which is no plain field/);
  assert.match(problemOf(setWith({ get: '/v1/{below}' })), /into below, which is no plain field/);
  assert.match(problemOf(setWith({ post: '/v1', body: 'nothing' })), /has the body nothing/);
  assert.match(problemOf(setWith({ get: '/v1', response_body: 'nothing' })), /has the response body nothing/);
  assert.match(
    problemOf(setWith({ get: '/v1/{name}', additional_bindings: [{ get: '/v1/*' }] })),
    /the same HTTP request to a\.A\/GetItem and to a\.A\/GetItem/,
  );
  assert.match(problemOf(setWith({ get: '/v1' }, { input_type: '.a.Missing' })), /Missing/);
  assert.ok('methods' in readDescriptorSet(setWith({ custom: { kind: '*', path: '/v1/{below.name}' } })));
});
