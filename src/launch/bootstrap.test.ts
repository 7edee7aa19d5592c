import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BootstrapOptions, bootstrap, defaultMaxConnections, parseHostAndPort } from './bootstrap.ts';
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

const ca = join(folder, 'ca.pem');
writeFileSync(
  ca,
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=t', '-keyout', join(folder, 'key.pem')], { stdio: 'pipe' }),
);

const cases: Record<string, BootstrapOptions> = {
  'plain text, delta': plain,
  'state of the world, by name, in a zone': { ...plain, protocol: 'sotw', xds: { host: 'sluice.internal', port: 18000 }, zone: 'a' },
  'TLS by name': { ...plain, xds: { host: 'sluice.internal', port: 18000 }, tls: { ca } },
  'mutual TLS, other server name': {
    ...plain,
    tls: { ca, client: { certificate: ca, key: join(folder, 'key.pem') }, serverName: 'sluice.internal' },
  },
  'TLS by address': { ...plain, tls: { ca } },
};

for (const [name, options] of Object.entries(cases)) {
  test(`bootstrap: Envoy accepts ${name}`, async () => {
    const envoy = await findEnvoy({ env: process.env, progress: () => undefined });
    const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
    writeFileSync(file, JSON.stringify(bootstrap(options)));
    const output = execFileSync(envoy, ['--mode', 'validate', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
    assert.match(output, /OK/);
  });
}

test('bootstrap: the guard against an empty answer is only in state of the world', () => {
  assert.match(JSON.stringify(bootstrap({ ...plain, protocol: 'sotw' })), /minimum_clusters/);
  assert.doesNotMatch(JSON.stringify(bootstrap(plain)), /minimum_clusters/);
});

test('host and port are read in every form', () => {
  assert.deepEqual(parseHostAndPort('127.0.0.1:18000'), { host: '127.0.0.1', port: 18000 });
  assert.deepEqual(parseHostAndPort('[::1]:18000'), { host: '::1', port: 18000 });
  assert.deepEqual(parseHostAndPort('sluice:80'), { host: 'sluice', port: 80 });
  for (const bad of ['', '18000', 'sluice', 'sluice:', '::1:18000', 'sluice:99999', 'a b:1']) assert.equal(parseHostAndPort(bad), undefined, bad);
});
