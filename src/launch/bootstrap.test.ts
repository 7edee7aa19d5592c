import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { selfSigned } from '../../examples/quickstart/backends/self-signed.ts';
import { type BootstrapOptions, bootstrap, defaultMaxConnections } from './bootstrap.ts';
import { envoySecrets } from './envoy-secrets.ts';
import { findEnvoy } from './find-envoy.ts';

const plain: BootstrapOptions = {
  node: 'gateway-1',
  group: 'default',
  xds: { host: '127.0.0.1', port: 18000 },
  protocol: 'delta',
  admin: { host: '127.0.0.1', port: 0 },
  maxConnections: defaultMaxConnections,
};

const folder = mkdtempSync(join(tmpdir(), 'sluice-bootstrap-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const { certificate, key } = await selfSigned(['sluice.internal'], Date.now());
const ca = join(folder, 'ca.pem');
writeFileSync(ca, certificate);
writeFileSync(join(folder, 'key.pem'), key);
for (const [name, secret] of Object.entries(envoySecrets({ certificate, key, authority: certificate })))
  writeFileSync(join(folder, name), JSON.stringify(secret));

const cases: Record<string, BootstrapOptions> = {
  'plain text, delta': plain,
  'state of the world, by name, in a zone': { ...plain, protocol: 'sotw', xds: { host: 'sluice.internal', port: 18000 }, zone: 'a' },
  'a listener for health checks': { ...plain, health: { host: '::', port: 8002 } },
  'TLS by name': { ...plain, xds: { host: 'sluice.internal', port: 18000 }, tls: { from: { ca } } },
  'mutual TLS, other server name': {
    ...plain,
    tls: { from: { ca, client: { certificate: ca, key: join(folder, 'key.pem') } }, serverName: 'sluice.internal' },
  },
  'mutual TLS from files that are read again': { ...plain, tls: { from: { folder }, serverName: 'sluice.internal' } },
  'TLS by address': { ...plain, tls: { from: { ca } } },
};

for (const [name, options] of Object.entries(cases)) {
  test(`bootstrap: Envoy accepts ${name}`, async () => {
    const envoy = await findEnvoy({ env: process.env, progress: () => undefined });
    const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
    writeFileSync(file, JSON.stringify(bootstrap(options)));
    const { status, stdout, stderr } = spawnSync(envoy, ['--mode', 'validate', '-c', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /OK/);
    assert.doesNotMatch(stderr, /deprecated/i);
  });
}
