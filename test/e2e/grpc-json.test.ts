import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { grpcRouteYaml, shopHost } from './grpc/objects.ts';
import { shopClient } from './grpc/shop-client.ts';
import { type ShopServer, startShopServer } from './grpc/shop-server.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const descriptorSet = readFileSync(join(import.meta.dirname, 'grpc/shop.binpb')).toString('base64');

const filter = '{type: ExtensionRef, extensionRef: {group: gateway.sluice.dev, kind: GrpcJsonTranscoder, name: shop}}';
const preview = `{name: preview, matches: [{method: {service: shop.v1.Shop}, headers: [{name: x-preview, value: "yes"}]}], filters: [${filter}], backendRefs: [{name: preview, port: 80}]}`;
const rule = `{name: shop, matches: [{method: {service: shop.v1.Shop}}], filters: [${filter}], backendRefs: [{name: shop, port: 80}]}`;

function transcoderYaml(binary: string, more = ''): string {
  return `
apiVersion: gateway.sluice.dev/v1alpha1
kind: GrpcJsonTranscoder
metadata: {name: shop}
spec: {descriptorSet: {configMapRef: {name: shop-proto}}${more}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-proto}
binaryData: {shop.binpb: "${binary}"}`;
}

/** gRPC by HTTP and JSON, with the paths of the `.proto` file, through a real Envoy. */
suite('gRPC by JSON', { timeout: 600_000 }, () => {
  let server: ShopServer;
  let canary: ShopServer;
  let stack: Stack;

  before(async () => {
    [server, canary] = await Promise.all([startShopServer('stable'), startShopServer('preview')]);
    const routes = [gatewayYaml, grpcRouteYaml('shop', `${preview}, ${rule}`), serviceYaml('shop', [server.port]), serviceYaml('preview', [canary.port])];
    stack = await startStack({ objects: { 'shop.yaml': routes.join('\n---'), 'transcoder.yaml': transcoderYaml(descriptorSet) } });
  });
  after(async () => {
    await stack?.close();
    await Promise.all([server?.close(), canary?.close()]);
  });

  const ask = (path: string, more: { readonly method?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {}) =>
    stack.http(path, { ...more, headers: { host: shopHost, 'content-type': 'application/json', ...more.headers } });

  test('paths and bodies are calls, and answers are JSON', async () => {
    const got = await ask('/v1/items/tea');
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(got.body), { name: 'items/tea', cents: '100', endpoint: 'stable' });
    assert.equal((await ask('/v1/shelves/3/items/tea')).status, 200);
    const created = await ask('/v1/items:create', { method: 'POST', body: '{"name": "items/mug", "cents": "5"}' });
    assert.deepEqual(JSON.parse(created.body), { name: 'items/mug', cents: '5', endpoint: 'stable' });
  });

  test('a stream is a list', async () => {
    const { body } = await ask('/v1/items/tea:watch');
    assert.deepEqual(
      (JSON.parse(body) as { cents: string }[]).map(({ cents }) => cents),
      ['1', '2', '3'],
    );
  });

  test('the conditions of a rule hold for its paths', async () => {
    const { body } = await ask('/v1/items/tea', { headers: { 'x-preview': 'yes' } });
    assert.equal((JSON.parse(body) as { endpoint: string }).endpoint, 'preview');
  });

  test('a call that fails is a status of HTTP and JSON that says why', async () => {
    server.behaviour.status = status.NOT_FOUND;
    try {
      const { status: http, body } = await ask('/v1/items/tea');
      assert.equal(http, 404);
      assert.deepEqual(JSON.parse(body), { code: 5, message: 'as the test asked' });
    } finally {
      server.behaviour.status = status.OK;
    }
  });

  test('what is no path of the file is 404, what is no JSON 400, and gRPC passes as before', async () => {
    assert.equal((await ask('/v1/other')).status, 404);
    assert.equal((await ask('/v1/items/tea', { method: 'DELETE' })).status, 404);
    assert.equal((await ask('/v1/items:create', { method: 'POST', body: '{"name": ' })).status, 400);
    using client = shopClient(stack.httpPort, shopHost);
    assert.equal((await client.get('items/tea')).endpoint, 'stable');
  });

  test('unknown parameters are ignored, or refused where that is written; gRPC passes then too', async () => {
    assert.equal((await ask('/v1/items/tea?what=else')).status, 200);
    await stack.write('transcoder.yaml', transcoderYaml(descriptorSet, ', unknownQueryParameters: Reject'));
    await waitFor('they are refused', async () => (await ask('/v1/items/tea?what=else')).status === 400);
    using client = shopClient(stack.httpPort, shopHost);
    assert.equal((await client.get('items/tea')).endpoint, 'stable');
  });

  test('a broken set never reaches Envoy: gRPC goes on', async () => {
    const cut = Buffer.from(descriptorSet, 'base64').subarray(0, 5000).toString('base64');
    await stack.write('transcoder.yaml', transcoderYaml(cut));
    await waitFor('JSON is not taken any more', async () => (await ask('/v1/items/tea')).status === 404);
    using client = shopClient(stack.httpPort, shopHost);
    assert.equal((await client.get('items/tea')).endpoint, 'stable');
    const refused = await (await fetch(`http://${stack.envoys[0]?.adminAddress}/stats?filter=rds.*update_rejected`)).text();
    assert.match(refused, /update_rejected: 0\n$/);
    await stack.write('transcoder.yaml', transcoderYaml(descriptorSet));
    await waitFor('it is mended', async () => (await ask('/v1/items/tea')).status === 200);
  });
});
