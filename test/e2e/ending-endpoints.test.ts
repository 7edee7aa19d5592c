import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from './harness.ts';
import { grpcStream, type LongLived, startEchoService, startWebSocketEcho, webSocket } from './long-lived.ts';
import { type EndpointText, gatewayYaml, routeYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const echoRoute = `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: echo}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [echo.test]
  rules: [{backendRefs: [{name: echo, port: 80}]}]`;

/** The cluster of a GRPCRoute speaks HTTP/2. */
const clusters = ['default/sockets/80', 'default/echo/80~79c58b'];

test('a WebSocket and a gRPC stream outlive the ending and the removal of their endpoint, new ones go elsewhere', async () => {
  await using sockets = await startWebSocketEcho();
  await using otherSockets = await startWebSocketEcho();
  await using echo = await startEchoService();
  await using otherEcho = await startEchoService();
  const services = (sockets: readonly EndpointText[], streams: readonly EndpointText[]): string =>
    [serviceYaml('sockets', sockets), serviceYaml('echo', streams)].join('\n---');
  await using stack = await startStack({
    objects: {
      'gateway.yaml': gatewayYaml,
      'routes.yaml': [routeYaml('sockets', { sockets: 1 }).replace('  rules', '  hostnames: [shop.test]\n  rules'), echoRoute].join('\n---'),
      'services.yaml': services([sockets.port], [echo.port]),
    },
  });
  await waitFor('both are served', async () =>
    (await Promise.all(clusters.map((name) => stack.stat(`cluster.${name}.membership_healthy`)))).every((count) => count === 1),
  );
  const open = async (): Promise<readonly LongLived[]> => [await webSocket(stack.httpPort, '/socket', 'shop.test'), grpcStream(stack.httpPort, 'echo.test')];
  const first = await open();
  await sleep(300);
  const setEndpoints = async (total: number, ...lists: Parameters<typeof services>): Promise<void> => {
    await stack.write('services.yaml', services(...lists));
    await waitFor('the endpoints have arrived', async () =>
      (await Promise.all(clusters.map((name) => stack.stat(`cluster.${name}.membership_total`)))).every((count) => count === total),
    );
  };
  const ending = (port: number): EndpointText => ({ port, ready: false, serving: true, terminating: true });
  await setEndpoints(2, [ending(sockets.port), otherSockets.port], [ending(echo.port), otherEcho.port]);
  const second = await open();
  await sleep(500);
  await setEndpoints(1, [otherSockets.port], [otherEcho.port]);
  await sleep(1500);
  await waitFor('each has sent enough', () => [...first, ...second].every((client) => client.sent() > 50));
  const ended = await Promise.all([...first, ...second].map((client) => client.stop()));
  for (const { failures, closed } of ended) assert.deepEqual([failures, closed], [[], 0]);
  // Each endpoint had the socket and the stream of its time, and no other.
  assert.deepEqual(
    [sockets, otherSockets, echo, otherEcho].map(({ opened }) => opened()),
    [1, 1, 1, 1],
  );
});
