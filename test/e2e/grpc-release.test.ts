import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callsUntil } from './grpc/call-load.ts';
import { grpcRouteYaml, shopHost, shopRule } from './grpc/objects.ts';
import { shopClient } from './grpc/shop-client.ts';
import { type ShopServer, startShopServer } from './grpc/shop-server.ts';
import { startStack } from './harness.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const rate = 200;
/** Those of most of a second, which a busy machine may stand still, are fewer than may be tried again at the same time. */
const calmRate = 60;

/** Servers of gRPC that go, under calls on one connection, with nothing written but a route. */
suite('gRPC servers that go', { timeout: 600_000 }, () => {
  test('a server that ends its connections every second costs no call', async () => {
    const options = { 'grpc.max_connection_age_ms': 1000, 'grpc.max_connection_age_grace_ms': 2000 };
    await using server = await startShopServer('a', { options });
    await using stack = await startStack({
      objects: { 'shop.yaml': [gatewayYaml, grpcRouteYaml('shop', shopRule), serviceYaml('shop', [server.port])].join('\n---') },
    });
    using client = shopClient(stack.httpPort, shopHost);
    const { sent, failures } = await callsUntil(sleep(5000), client, calmRate);
    assert.deepEqual(failures, {});
    assert.ok(sent > calmRate, `${sent} calls`);
    const connections = await stack.stat('cluster.default/shop/80~79c58b.upstream_cx_total');
    assert.ok(connections >= 3, `${connections} connections`);
  });

  test('servers that are replaced one by one, and are gone before Envoy hears of it, cost no call', async () => {
    const servers: ShopServer[] = await Promise.all(['a', 'b', 'c'].map((name) => startShopServer(name)));
    const endpoints = (): string =>
      serviceYaml(
        'shop',
        servers.map(({ port }) => port),
      );
    await using stack = await startStack({
      objects: { 'shop.yaml': [gatewayYaml, grpcRouteYaml('shop', shopRule)].join('\n---'), 'endpoints.yaml': endpoints() },
    });
    try {
      using client = shopClient(stack.httpPort, shopHost);
      const replaced = async (): Promise<void> => {
        // Else the fourth may be asked, and the first go, before a call of the first few came to it.
        await waitFor('the first ones are asked', () => servers.every((server) => server.count() > 0));
        for (const name of ['d', 'e', 'f', 'g', 'h', 'i']) {
          const next = await startShopServer(name);
          servers.push(next);
          await stack.write('endpoints.yaml', endpoints());
          await waitFor(`${name} is asked`, () => next.count() > 0);
          const [old] = servers;
          await old?.drain();
          await sleep(500);
          servers.shift();
          await stack.write('endpoints.yaml', endpoints());
        }
        await sleep(300);
      };
      const { sent, failures, by } = await callsUntil(replaced(), client, rate);
      assert.deepEqual(failures, {});
      assert.ok(sent > rate, `${sent} calls`);
      assert.equal(Object.keys(by).length, 9, 'every server answered');
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });
});
