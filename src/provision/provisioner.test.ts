import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createFakeClock } from '../../test/fake/clock.ts';
import { objectsOf } from '../../test/fake/objects.ts';
import { rsaAuthority } from '../../test/fake/rsa-authority.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import { createLiveObjects } from '../kubernetes/live-objects.ts';
import { createStore } from '../store/store.ts';
import { type CertificateAndKey, createAuthority } from '../tls/authority.ts';
import { parseProvisioning } from './config.ts';
import { createProvisioner } from './provisioner.ts';

const yaml = `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GatewayConfig
metadata: {name: each, namespace: shop}
spec: {envoys: {mode: PerGateway}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop, uid: '1'}
spec:
  gatewayClassName: sluice
  infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: each}}
  listeners: [{name: http, port: 80, protocol: HTTP}]
`;

const { config } = parseProvisioning(readFileSync(join(import.meta.dirname, '../../test/provision/config.yaml'), 'utf8'), 'config.yaml');
assert.ok(config);
const now = Date.parse('2026-11-26T12:00:00Z');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A provisioner that leads, and an API server that has an authority. */
async function started(authority: CertificateAndKey) {
  const server = { items: [] as readonly unknown[], made: [] as string[] };
  const client = {
    async ask({ method = 'GET', path }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
      if (method === 'PATCH') server.made.push(path.split('/').at(-2) ?? '');
      else if (path.endsWith('/sluice-authority')) return { data: { 'tls.crt': base64(authority.certificate), 'tls.key': base64(authority.key) } };
      else if (!/-sluice(-xds)?$/.test(path)) return { metadata: { resourceVersion: '1' }, items: server.items };
      return { metadata: { ownerReferences: [{ uid: '1', controller: true }] } };
    },
  } as Partial<ClusterClient> as ClusterClient;
  const clock = createFakeClock(now);
  const store = createStore(['cluster']);
  store.sink('cluster').list(objectsOf(yaml));
  const logged: string[] = [];
  const provisioner = createProvisioner({
    client,
    clock,
    store,
    config: config ?? assert.fail(),
    settings: { httpPort: 8080, httpsPort: 8443 },
    trustDomain: 'sluice',
    namespaces: [],
    identity: 'a',
    log: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
    facts: () => undefined,
    live: createLiveObjects(new Set()),
    mayWrite: () => true,
    onWrite: () => undefined,
    onChange: () => undefined,
  });
  provisioner.lead();
  return {
    server,
    provisioner,
    logged,
    /** Lets it look once, and write what is to be written. */
    async look(): Promise<void> {
      clock.advance(30_000);
      await sleep(200);
    },
  };
}

test('without an authority that can be used all but the certificate is made, which is told', async () => {
  const { server, provisioner, look } = await started(await rsaAuthority());
  await look();
  assert.match(provisioner.diagnostics()[0]?.message ?? '', /no certificate can be made: the authority in sluice-system\/sluice-authority cannot be used/);
  assert.deepEqual(server.made, ['serviceaccounts', 'services', 'networkpolicies', 'deployments', 'poddisruptionbudgets']);
});

test('nonsense of an API server ends nothing: it looks again', async () => {
  const { server, provisioner, logged, look } = await started(await createAuthority('ours', { now, days: 365 }));
  server.items = [{}];
  await look();
  assert.deepEqual([server.made, logged.length], [[], 1]);
  server.items = [];
  await look();
  assert.deepEqual(server.made, ['serviceaccounts', 'secrets', 'services', 'networkpolicies', 'deployments', 'poddisruptionbudgets']);
  assert.deepEqual(provisioner.diagnostics(), []);
});
