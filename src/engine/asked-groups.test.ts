import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAskedGroups } from './asked-groups.ts';

test('only names of gRPC clients are noted, each once', () => {
  const asked = createAskedGroups();
  const added = ['default', 'sidecar/shop/web', 'grpc', 'grpc/', 'grpc/shop/', 'grpc/shop/web/more', 'grpc/shop', 'grpc/shop/web', 'grpc/shop'];
  assert.deepEqual(
    added.map((name) => asked.add(name)),
    [false, false, false, false, false, false, true, true, false],
  );
  assert.deepEqual([...asked.names()].sort(), ['grpc/shop', 'grpc/shop/web']);
});

test('of more than a thousand names the one that nobody asked for the longest goes', () => {
  const asked = createAskedGroups();
  for (let index = 0; index < 1000; index++) asked.add(`grpc/n${index}`);
  asked.add('grpc/n0');
  asked.add('grpc/one-more');
  const names = new Set(asked.names());
  assert.deepEqual([names.size, names.has('grpc/n0'), names.has('grpc/n1'), names.has('grpc/one-more')], [1000, true, false, true]);
});
