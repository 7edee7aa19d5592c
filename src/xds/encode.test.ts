import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../proto/codec.ts';
import { resource } from './encode.ts';

const origins = [{ object: 'Secret shop/web' }];

test('a resource decodes to what was encoded and keeps its origins', () => {
  const made = resource('clusters', 'shop/web/80', { name: 'shop/web/80', type: 'EDS' }, origins);
  const message = decode('envoy.config.cluster.v3.Cluster', made.bytes);
  assert.equal(message.name, 'shop/web/80');
  assert.equal(message.type, 'EDS');
  assert.equal(made.type, 'clusters');
  assert.deepEqual(made.origins, origins);
});

test('equal content has equal versions, other content another one', () => {
  const version = (name: string): string => resource('routes', name, { name }, []).version;
  assert.match(version('a'), /^[0-9a-f]{16}$/);
  assert.equal(version('a'), version('a'));
  assert.notEqual(version('a'), version('b'));
});

test('the order of map entries does not change the version', () => {
  const version = (metadata: Record<string, object>): string => resource('clusters', 'a', { name: 'a', metadata: { filter_metadata: metadata } }, []).version;
  assert.equal(version({ a: {}, b: {} }), version({ b: {}, a: {} }));
});

test('a resource keeps no more memory than its bytes', () => {
  const { bytes } = resource('clusters', 'a', { name: 'a', type: 'EDS' }, []);
  assert.equal(bytes.buffer.byteLength, bytes.length);
});
