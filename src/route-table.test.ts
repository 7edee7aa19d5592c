import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from './proto/codec.ts';
import { tableParts } from './proto/encoded-table.ts';
import { contentOf, tableOf, tableResource } from './route-table.ts';

const hosts = ['a.example', 'b.example'].map((name) => ({ name, domains: [name] }));
const message = { name: 'default/80', virtual_hosts: hosts, most_specific_header_mutations_wins: true };
const whole = encode('envoy.config.route.v3.RouteConfiguration', message);
const parts = tableParts(whole);

test('a table that is put together has the bytes that an encoder gives it', () => {
  assert.equal(parts.hosts.length, 2);
  assert.deepEqual(Buffer.from(tableResource('default/80', parts, () => []).bytes), Buffer.from(whole));
});

test('a table that was read has the version of one that was made, and its parts', () => {
  const made = tableResource(
    'default/80',
    { own: encode('envoy.config.route.v3.RouteConfiguration', { ...message, virtual_hosts: [] }), hosts: parts.hosts },
    () => [],
  );
  assert.equal(tableResource('default/80', tableParts(made.bytes), () => []).version, made.version);
  const read = { type: 'routes', name: made.name, version: made.version, bytes: made.bytes, origins: [] } as const;
  assert.deepEqual(
    tableOf(read).hosts.map((host) => Buffer.from(host)),
    parts.hosts.map((host) => Buffer.from(host)),
  );
  assert.equal(contentOf(read), contentOf(read));
});

test('tables that differ in a virtual host, in the order of these, or in what is beside them have different versions', () => {
  const [first, second] = parts.hosts as readonly [Uint8Array, Uint8Array];
  const other = encode('envoy.config.route.v3.RouteConfiguration', { name: 'default/80', validate_clusters: { value: false } });
  const tables = [parts, { ...parts, hosts: [first] }, { ...parts, hosts: [second, first] }, { ...parts, hosts: [first, first] }, { ...parts, own: other }];
  assert.equal(new Set(tables.map((table) => tableResource('default/80', table, () => []).version)).size, tables.length);
});

test('origins and bytes are made once, when somebody asks', () => {
  let asked = 0;
  const resource = tableResource('default/80', parts, () => {
    asked += 1;
    return [{ object: 'Ingress shop/web' }];
  });
  assert.equal(asked, 0);
  assert.deepEqual([resource.origins, resource.origins], [[{ object: 'Ingress shop/web' }], [{ object: 'Ingress shop/web' }]]);
  assert.equal(asked, 1);
  assert.equal(resource.bytes, resource.bytes);
  assert.equal(decode('envoy.config.route.v3.RouteConfiguration', resource.bytes).virtual_hosts?.length, 2);
});
