import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  credentials,
  Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { callsUntil } from './grpc/call-load.ts';
import { shopHost } from './grpc/objects.ts';
import { grpcHeaders, rawClient } from './grpc/raw-call.ts';
import { type ShopClient, shopClient, statusOf } from './grpc/shop-client.ts';
import { type ShopServer, startShopServer } from './grpc/shop-server.ts';
import { startSilentGrpcServer } from './grpc/silent-server.ts';
import { type Stack, startStack } from './harness.ts';
import { gatewayYaml, serviceYaml } from './objects.ts';
import { waitFor } from './wait.ts';

const bytes = {
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

function same(message: Buffer): Buffer {
  return message;
}

/** `grpc.health.v1.Health`, as far as Envoy asks: what is told of each name. */
const health: ServiceDefinition = { Check: { ...bytes, path: '/grpc.health.v1.Health/Check' } };

/** Server reflection, whose messages nobody between client and server reads. */
const reflections = ['v1', 'v1alpha'].map((version): ServiceDefinition => {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  return { ServerReflectionInfo: { ...bytes, path, requestStream: true, responseStream: true } };
});

/** Calls are sent to the Service that the header names. */
const services = ['retried', 'plain', 'ejected', 'trailers', 'checked', 'limited'];

const routes = `
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: gateway}]
  hostnames: [${shopHost}]
  rules:
${services
  .map(
    (name) => `    - name: ${name}
      matches: [{method: {service: shop.v1.Shop}, headers: [{name: x-to, value: ${name}}]}]
      backendRefs: [{name: ${name}, port: 80}]`,
  )
  .join('\n')}
    - matches:
        - method: {service: grpc.reflection.v1.ServerReflection}
        - method: {service: grpc.reflection.v1alpha.ServerReflection}
      backendRefs: [{name: plain, port: 80}]
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: retried}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: GRPCRoute, name: shop, sectionName: retried}]
  retries: {on: [ConnectFailure, RefusedStream, ResetBeforeRequest, Unavailable]}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: TrafficPolicy
metadata: {name: limited}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: GRPCRoute, name: shop, sectionName: limited}]
  timeouts: {request: 300ms}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: unejected}
spec:
  targetRefs: [{group: "", kind: Service, name: retried}, {group: "", kind: Service, name: plain}, {group: "", kind: Service, name: checked}]
  outlierDetection: {preset: "Off"}
---
apiVersion: gateway.sluice.dev/v1alpha1
kind: BackendPolicy
metadata: {name: checked}
spec:
  targetRefs: [{group: "", kind: Service, name: checked, sectionName: http}]
  healthCheck: {grpc: {service: shop.v1.Shop}, interval: 250ms, healthy: 1, unhealthy: 1}`;

/** Calls that fail: what is tried again, what ejects, and what only health checks find. */
suite('gRPC failures', { timeout: 600_000 }, () => {
  let good: ShopServer;
  let bad: ShopServer;
  let silent: Awaited<ReturnType<typeof startSilentGrpcServer>>;
  let stack: Stack;
  let client: ShopClient;
  /** Whether the bad server says of `shop.v1.Shop` that it serves. */
  let isServing = true;

  before(async () => {
    const check = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
      const isAsked = call.request.subarray(2).toString() === 'shop.v1.Shop';
      answer(null, Buffer.from([8, isAsked && isServing ? 1 : 2]));
    };
    const always = (_call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => answer(null, Buffer.from([8, 1]));
    const reflect = (call: ServerDuplexStream<Buffer, Buffer>): void => {
      call.on('error', () => undefined);
      call.on('data', (message: Buffer) => call.write(message)).on('end', () => call.end());
    };
    const reflection = reflections.map((definition) => ({ definition, implementation: { ServerReflectionInfo: reflect } }));
    good = await startShopServer('good', { more: [{ definition: health, implementation: { Check: always } }, ...reflection] });
    bad = await startShopServer('bad', { more: [{ definition: health, implementation: { Check: check } }, ...reflection] });
    silent = await startSilentGrpcServer();
    const both = [good.port, bad.port];
    const backends = services.map((name) => serviceYaml(name, name === 'limited' ? [silent.port] : both));
    stack = await startStack({ objects: { 'shop.yaml': [gatewayYaml, routes, ...backends].join('\n---') } });
    client = shopClient(stack.httpPort, shopHost);
  });
  after(async () => {
    client?.[Symbol.dispose]();
    await stack?.close();
    await Promise.all([good?.close(), bad?.close(), silent?.[Symbol.asyncDispose]()]);
  });

  /** Statuses of calls to a Service while the bad server answers UNAVAILABLE. */
  async function statusesOf(service: string, calls: number, sendsHeadersFirst: boolean): Promise<{ readonly failed: number; readonly atBad: number }> {
    Object.assign(bad.behaviour, { status: status.UNAVAILABLE, sendsHeadersFirst });
    const before = bad.count();
    let failed = 0;
    try {
      for (let call = 0; call < calls; call++) {
        if ((await statusOf(client.get('items/tea', { metadata: { 'x-to': service }, deadlineMs: 5000 }))) !== status.OK) failed++;
      }
      return { failed, atBad: bad.count() - before };
    } finally {
      Object.assign(bad.behaviour, { status: status.OK, sendsHeadersFirst: false });
    }
  }

  test('a status that a policy names is tried again at another server', async () => {
    const retried = await statusesOf('retried', 60, false);
    assert.equal(retried.failed, 0);
    assert.ok(retried.atBad > 0, 'the bad server was asked');
    assert.ok((await statusesOf('plain', 60, false)).failed > 0, 'without the policy calls fail');
  });

  test('a status that comes after headers is not', async () => {
    const { failed, atBad } = await statusesOf('retried', 60, true);
    assert.equal(failed, atBad);
    assert.ok(failed > 0);
  });

  test('five failures without headers in a row eject a server', async () => {
    let failed = 0;
    // Envoy ejects from another thread than the one that calls: a few more may come meanwhile.
    await waitFor('the bad server gets no call', async () => {
      const { atBad } = await statusesOf('ejected', 20, false);
      failed += atBad;
      return atBad === 0;
    });
    assert.ok(failed >= 5, `after ${failed} failures`);
  });

  test('failures in trailers eject nobody', async () => {
    const { atBad } = await statusesOf('trailers', 120, true);
    assert.ok(atBad > 20, `${atBad} calls at the bad server`);
  });

  test('health checks by the name of a service take a server out, and back', async () => {
    const metadata = { 'x-to': 'checked' };
    isServing = false;
    await waitFor('only the good server gets calls', async () => {
      const { by } = await callsUntil(sleep(200), client, 200, { metadata });
      return by['bad'] === undefined && (by['good'] ?? 0) > 20;
    });
    isServing = true;
    await waitFor('the other one is back', async () => (await callsUntil(sleep(200), client, 200, { metadata })).by['bad'] !== undefined);
  });

  test('the time of a policy ends calls with DEADLINE_EXCEEDED, and servers are told it', async () => {
    using raw = rawClient(stack.httpPort, shopHost);
    const longer = await raw.post('/shop.v1.Shop/GetItem', { ...grpcHeaders, 'x-to': 'limited', 'grpc-timeout': '20S' });
    assert.equal(longer.headers['grpc-status'], String(status.DEADLINE_EXCEEDED));
    assert.ok(longer.ms >= 290 && longer.ms < 10_000, `${longer.ms} ms`);
    const [told] = silent.seen;
    assert.equal(told?.['grpc-timeout'], '300m');
  });

  test('server reflection passes, in both versions', async () => {
    const plain = new Client(`127.0.0.1:${stack.httpPort}`, credentials.createInsecure(), { 'grpc.default_authority': shopHost });
    try {
      for (const { ServerReflectionInfo: method } of reflections) {
        assert.ok(method);
        const stream = plain.makeBidiStreamRequest(method.path, same, same, new Metadata(), {});
        stream.on('error', () => undefined);
        stream.write(Buffer.from('list'));
        const [answer] = (await once(stream, 'data')) as [Buffer];
        assert.equal(answer.toString(), 'list');
        stream.end();
        const [{ code }] = (await once(stream.resume(), 'status')) as [{ code: number }];
        assert.equal(code, status.OK);
      }
    } finally {
      plain.close();
    }
  });
});
