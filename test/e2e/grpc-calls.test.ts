import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { grpcRouteYaml, shopHost, shopRule } from './grpc/objects.ts';
import { grpcHeaders, type RawClient, rawClient } from './grpc/raw-call.ts';
import { shopClient, statusOf } from './grpc/shop-client.ts';
import { type Item, type ShopServer, startShopServer } from './grpc/shop-server.ts';
import { startSilentGrpcServer } from './grpc/silent-server.ts';
import { type Stack, startStack } from './harness.ts';
import { secureGatewayYaml, serviceYaml } from './objects.ts';
import { assertShare } from './wait.ts';

const calls = 300;

/** What callers of gRPC get, through a real Envoy, with nothing written but routes. */
suite('gRPC calls', { timeout: 600_000 }, () => {
  let servers: ShopServer[];
  let secured: ShopServer[];
  let silent: Awaited<ReturnType<typeof startSilentGrpcServer>>;
  let stack: Stack;
  let raw: RawClient;
  let clientAuthority: Buffer;

  before(async () => {
    const certificate = await selfSigned([shopHost], Date.now());
    const serverCertificate = await selfSigned(['shop.internal'], Date.now());
    clientAuthority = Buffer.from(certificate.certificate);
    const credentials = grpc.ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(serverCertificate.certificate), private_key: Buffer.from(serverCertificate.key) },
    ]);
    servers = await Promise.all(['a', 'b', 'c'].map((name) => startShopServer(name)));
    secured = await Promise.all(['d', 'e', 'f'].map((name) => startShopServer(name, { credentials })));
    silent = await startSilentGrpcServer();
    const rules = [
      shopRule,
      '{matches: [{method: {service: shop.v1.Silent}}], backendRefs: [{name: silent, port: 80}]}',
      '{matches: [{method: {service: shop.v1.Missing}}], backendRefs: [{name: missing, port: 80}]}',
      '{matches: [{method: {service: shop.v1.Half}}], backendRefs: [{name: missing, port: 80, weight: 1000000}, {name: shop, port: 80}]}',
      '{matches: [{method: {service: shop.v1.Empty}}], backendRefs: [{name: empty, port: 80}]}',
      '{matches: [{method: {service: shop.v1.Shop}, headers: [{name: x-secured, value: "yes"}]}], backendRefs: [{name: secured, port: 80}]}',
    ];
    const objects = [
      secureGatewayYaml,
      `\n${tlsSecret('shop', certificate)}`,
      grpcRouteYaml('shop', rules.join(', ')),
      serviceYaml(
        'shop',
        servers.map(({ port }) => port),
      ),
      serviceYaml(
        'secured',
        secured.map(({ port }) => port),
      ),
      serviceYaml('silent', [silent.port]),
      serviceYaml('empty', []),
      policyYaml(serverCertificate.certificate),
    ];
    stack = await startStack({ objects: { 'shop.yaml': objects.join('\n---') } });
    raw = rawClient(stack.httpPort, shopHost);
  });
  after(async () => {
    raw?.[Symbol.dispose]();
    await stack?.close();
    await Promise.all([...(servers ?? []), ...(secured ?? [])].map((server) => server.close()));
    await silent?.[Symbol.asyncDispose]();
  });

  function assertBalanced(by: Readonly<Record<string, number>>, names: readonly string[]): void {
    for (const name of names) assertShare(by[name] ?? 0, calls, 1 / names.length, `share of ${name}`);
  }

  test('calls of one connection go to all servers', async () => {
    using client = shopClient(stack.httpPort, shopHost);
    const by: Record<string, number> = {};
    for (let call = 0; call < calls; call++) count(by, await client.get('items/tea'));
    assertBalanced(by, ['a', 'b', 'c']);
  });

  test('so they do by TLS, from the client and to the servers', async () => {
    using client = shopClient(stack.httpsPort, shopHost, grpc.credentials.createSsl(clientAuthority), { 'grpc.ssl_target_name_override': shopHost });
    const by: Record<string, number> = {};
    for (let call = 0; call < calls; call++) count(by, await client.get('items/tea', { metadata: { 'x-secured': 'yes' } }));
    assertBalanced(by, ['d', 'e', 'f']);
  });

  test('messages of a stream go both ways while it is open', async () => {
    using client = shopClient(stack.httpPort, shopHost);
    const chat = client.chat();
    for (const name of ['one', 'two']) {
      chat.write({ name });
      const [item] = (await once(chat, 'data')) as [Item];
      assert.equal(item.name, name);
    }
    chat.end();
    chat.resume();
    const [status] = (await once(chat, 'status')) as [grpc.StatusObject];
    assert.equal(status.code, grpc.status.OK);
  });

  test('the deadline of the caller ends a call that nobody answers, with DEADLINE_EXCEEDED', async () => {
    const { headers, ms } = await raw.post('/shop.v1.Silent/Get', { ...grpcHeaders, 'grpc-timeout': '300m' });
    assert.equal(headers[':status'], 200);
    assert.equal(headers['grpc-status'], String(grpc.status.DEADLINE_EXCEEDED));
    assert.ok(ms >= 290 && ms < 10_000, `${ms} ms`);
    assert.equal(silent.seen.at(-1)?.['grpc-timeout'], '300m');
  });

  test('a server sees the deadline of the caller', async () => {
    using client = shopClient(stack.httpPort, shopHost);
    const { endpoint } = await client.get('items/tea', { deadlineMs: 60_000 });
    const leftMs = servers.find(({ name }) => name === endpoint)?.seen.at(-1)?.leftMs ?? 0;
    assert.ok(leftMs > 30_000 && leftMs <= 60_000, `${leftMs} ms`);
  });

  test('what Envoy answers itself is a status of gRPC', async () => {
    using client = shopClient(stack.httpPort, shopHost);
    assert.equal(await statusOf(client.get('items/tea')), grpc.status.OK);
    const statuses: Record<string, unknown> = {};
    for (const service of ['Missing', 'Half', 'Empty', 'Unrouted']) {
      const { headers } = await raw.post(`/shop.v1.${service}/Get`, grpcHeaders);
      assert.equal(headers[':status'], 200, service);
      assert.equal(headers['content-type'], 'application/grpc', service);
      statuses[service] = Number(headers['grpc-status']);
    }
    const { UNAVAILABLE, UNIMPLEMENTED } = grpc.status;
    assert.deepEqual(statuses, { Missing: UNAVAILABLE, Half: UNAVAILABLE, Empty: UNAVAILABLE, Unrouted: UNIMPLEMENTED });
  });
});

function count(by: Record<string, number>, { endpoint = '' }: Item): void {
  by[endpoint] = (by[endpoint] ?? 0) + 1;
}

function policyYaml(authority: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: {name: authority}
data: {ca.crt: ${JSON.stringify(authority)}}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: secured}
spec:
  targetRefs: [{group: "", kind: Service, name: secured}]
  tls: {hostname: shop.internal, caRefs: [{kind: ConfigMap, name: authority}]}`;
}
