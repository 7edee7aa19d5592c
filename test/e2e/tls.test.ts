import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Stack, startStack } from './harness.ts';
import { serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gateway}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: shop, hostname: shop.example, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
    - {name: any, hostname: "*.any.example", port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: any}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all}
spec:
  parentRefs: [{name: gateway}]
  rules: [{backendRefs: [{name: shop, port: 80}]}]`;

/** @param shopFrom when the certificate of shop.example was made; undefined: now. */
async function startShop(port: number, shopFrom?: number): Promise<Stack> {
  return startStack({
    objects: {
      'all.yaml': [gateway, serviceYaml('shop', [port])].join('\n---'),
      'shop-certificate.yaml': await tlsSecretYaml('shop', ['shop.example'], shopFrom),
      'any-certificate.yaml': await tlsSecretYaml('any', ['*.any.example']),
    },
  });
}

test('each host has its certificate; a new one is shown without a failed request', async () => {
  await using backend = await startHttpBackend('shop');
  await using stack = await startShop(backend.port);
  const failed: unknown[] = [];
  const shown = async (host: string): Promise<string | undefined> => {
    const answer = await stack.https('/', { headers: { host } }).catch((error: unknown) => void failed.push(error));
    if (answer && answer.status !== 200) failed.push(answer.status);
    return answer?.certificate?.fingerprint256;
  };
  const first = await shown('shop.example');
  const any = await shown('a.any.example');
  assert.notEqual(first, any);

  const modified = await stack.stat('listener_manager.listener_modified');
  await stack.write('shop-certificate.yaml', await tlsSecretYaml('shop', ['shop.example']));
  await waitFor('the new certificate is shown', async () => (await shown('shop.example')) !== first);
  assert.equal(await shown('a.any.example'), any);
  // Looked at here and not in the waiting, which would try again.
  assert.deepEqual(failed, []);
  // Certificates go by SDS: no listener changed, so no connection was drained.
  assert.equal(await stack.stat('listener_manager.listener_modified'), modified);
});

test('a certificate that does not fit its key is refused with its place, and the last good one stays', async () => {
  await using backend = await startHttpBackend('shop');
  await using stack = await startShop(backend.port);
  const fingerprint = async () => (await stack.https('/', { headers: { host: 'shop.example' } })).certificate?.fingerprint256;
  const before = await fingerprint();
  const [one, other] = [await tlsSecretYaml('shop', ['shop.example']), await tlsSecretYaml('shop', ['shop.example'])];
  const keyOf = (yaml: string): string => /^ *tls\.key: .*$/m.exec(yaml)?.[0] ?? assert.fail(`no key in ${yaml.slice(0, 100)}`);
  await stack.write('shop-certificate.yaml', one.replace(keyOf(one), keyOf(other)));
  await waitFor('it is told', () =>
    stack
      .server()
      .engine.diagnostics()
      .some(({ at, message }) => at.file?.endsWith('shop-certificate.yaml') && /key/.test(message)),
  );
  assert.equal(await fingerprint(), before);
  assert.equal((await stack.https('/', { headers: { host: 'a.any.example' } })).status, 200);
});

test('an expired certificate is told', async () => {
  await using backend = await startHttpBackend('shop');
  const longAgo = Date.now() - 3 * 365 * 24 * 3600 * 1000;
  await using stack = await startShop(backend.port, longAgo);
  const found = stack
    .server()
    .engine.diagnostics()
    .filter(({ message }) => /expired/.test(message));
  assert.ok(
    found.some(({ at }) => at.file?.endsWith('shop-certificate.yaml')),
    JSON.stringify(stack.server().engine.diagnostics()),
  );
});

test('HTTP/2 is spoken where the client offers it', async () => {
  await using backend = await startHttpBackend('shop');
  await using stack = await startShop(backend.port);
  const protocol = await new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', port: stack.httpsPort, servername: 'shop.example', ALPNProtocols: ['h2', 'http/1.1'], rejectUnauthorized: false },
      () => {
        resolve(socket.alpnProtocol);
        socket.end();
      },
    );
    socket.on('error', reject);
  });
  assert.equal(protocol, 'h2');
});
