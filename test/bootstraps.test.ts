import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bootstrap, defaultMaxConnections } from '../src/launch/bootstrap.ts';

const files = [
  { name: 'gateway.json', node: 'gateway', group: 'default', admin: 9901, health: { host: '0.0.0.0', port: 8002 } },
  { name: 'sidecar.json', node: 'sidecar', group: 'sidecar/default/storefront-v1', admin: 9902 },
];

for (const { name, node, group, admin, ...health } of files) {
  test(`envoy/${name} is what \`sluice bootstrap\` prints`, () => {
    const written: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../envoy', name), 'utf8'));
    const xds = { host: 'sluice', port: 18000 };
    const tls = { from: { folder: '/etc/envoy/tls' } };
    assert.deepEqual(
      written,
      bootstrap({ node, group, xds, tls, ...health, protocol: 'delta', admin: { host: '127.0.0.1', port: admin }, maxConnections: defaultMaxConnections }),
    );
  });
}
