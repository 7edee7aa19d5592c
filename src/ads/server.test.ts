import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { patienceMs, waitFor } from '../../test/e2e/wait.ts';
import { startAdsServer } from '../../test/fake/ads-server.ts';
import { cluster, endpoints, listener, routes } from '../../test/fake/resources.ts';
import { followXds, openXdsStream, type XdsStream } from '../../test/fake/xds-client.ts';
import { systemClock } from '../clock.ts';
import { encode } from '../proto/codec.ts';
import { typeUrls } from '../resource.ts';
import type { SotwRequest } from './stream/request.ts';
import type { AdsObserver } from './stream/status.ts';
import type { StreamLimits } from './stream/stream-state.ts';

const invalidArgument = 3;
const deadlineExceeded = 4;
const unavailable = 14;
const node = { id: 'n', group: 'default', agent: 'test' };
const asking = (more: Partial<SotwRequest> = {}): SotwRequest => ({ protocol: 'sotw', node, typeUrl: typeUrls.clusters, nonce: '', names: [], ...more });

/** A server without a group, and a record of what its observer was told. */
async function start(limits: Partial<StreamLimits> = {}, clock = systemClock) {
  const told: string[] = [];
  const observer: AdsObserver = {
    streamOpened: ({ id }) => told.push(`opened ${id}`),
    streamClosed: ({ id }) => told.push(`closed ${id}`),
    pushed: (_node, { type }) => told.push(`pushed ${type}`),
    acked: (_node, { type }) => told.push(`acked ${type}`),
    nacked: (_node, { type }) => told.push(`nacked ${type}`),
    streamRefused: (code) => told.push(`refused ${code}`),
    connectionRefused: (reason) => told.push(`connection refused ${reason}`),
  };
  return { ...(await startAdsServer(undefined, { clock, observer, limits })), told };
}

const all = [cluster('a'), endpoints('a', [1]), listener('l', 10, 'r'), routes('r', { '/': 'a' })];

/** Stands between a client and the server, and ends the connection as the system does for a client that died: it sends no more. */
async function startGoingAway(address: string) {
  const ends: (() => void)[] = [];
  const between = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = createConnection({ host: '127.0.0.1', port: Number(address.split(':')[1]), allowHalfOpen: true });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream, { end: false });
    upstream.pipe(client);
    ends.push(() => {
      client.unpipe(upstream);
      client.resume();
      upstream.end();
    });
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  const { port } = between.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, goAway: () => ends.forEach((end) => void end()), [Symbol.dispose]: () => void between.close() };
}

describe('the gRPC shell', () => {
  test('a client whose connection ends without a word is not connected any more', async () => {
    await using started = await start();
    started.snapshots.put('default', all);
    using between = await startGoingAway(started.address);
    using stream = followXds(between.address, { protocol: 'delta', id: 'envoy-1' });
    await waitFor('it is there', () => started.server.nodes()[0]?.revisionAcked !== undefined);
    between.goAway();
    await waitFor('it is gone', () => started.server.nodes().length === 0);
    stream.cancel();
  });

  for (const protocol of ['sotw', 'delta'] as const) {
    test(`a client of ${protocol} gets everything and is shown as acknowledged`, async () => {
      await using started = await start();
      started.snapshots.put('default', all);
      using stream = followXds(started.address, { protocol, id: 'envoy-1' });
      await waitFor('everything is acknowledged', () => {
        const [status] = started.server.nodes();
        return status?.revisionAcked !== undefined && status.types.routes?.state === 'ACKED';
      });
      assert.deepEqual([...stream.peer.held.routes.keys()], ['r']);
      assert.equal(started.server.nodes()[0]?.protocol, protocol);
      stream.cancel();
      await waitFor('the stream is forgotten', () => started.server.nodes().length === 0);
      assert.equal(started.told[0], 'opened envoy-1');
      assert.equal(started.told.at(-1), 'closed envoy-1');
    });
  }

  test('a clock that is set back postpones no removal, and one that is set forward ends no wait', async () => {
    let jumpedMs = 0;
    const drainMs = 1000;
    await using started = await start({ drainMs }, { ...systemClock, now: () => Date.now() + jumpedMs });
    const { server, snapshots } = started;
    snapshots.put('default', [...all, cluster('b'), endpoints('b', [2])]);
    using stream = followXds(started.address, { protocol: 'delta', id: 'envoy-1' });
    const { clusters } = stream.peer.held;
    await waitFor('all is there', () => clusters.has('b') && server.nodes()[0]?.types.routes?.state === 'ACKED');
    const began = systemClock.steady();
    snapshots.put('default', all);
    for (const hours of [1, -1]) {
      jumpedMs = hours * 3_600_000;
      snapshots.put('default', [cluster('a', 1000 + hours), ...all.slice(1)]);
      await sleep(50);
      assert.ok(Math.abs(Date.now() + jumpedMs - (server.nodes()[0]?.connectedAt ?? 0)) < 60_000);
    }
    await waitFor('the cluster is gone', () => !clusters.has('b'));
    assert.ok(systemClock.steady() - began >= drainMs);
    stream.cancel();
  });

  test('single-type streams serve their type', async () => {
    await using started = await start();
    started.snapshots.put('default', all);
    using sotw = openXdsStream({ address: started.address, protocol: 'sotw', only: 'endpoints' });
    sotw.send(asking({ typeUrl: typeUrls.endpoints, names: ['a'] }));
    using delta = openXdsStream({ address: started.address, protocol: 'delta', only: 'routes' });
    delta.send({ protocol: 'delta', node, typeUrl: '', nonce: '', subscribe: ['r'], unsubscribe: [], initialVersions: {} });
    await waitFor('both are answered', () => sotw.answers.length === 1 && delta.answers.length === 1);
    assert.equal(sotw.answers[0]?.resources[0]?.name, 'a');
    assert.equal(delta.answers[0]?.resources[0]?.version, all[3]?.version);
  });

  test('changed endpoints go out though somebody asks for the status before the stream has its turn', async () => {
    await using started = await start();
    started.snapshots.put('default', all);
    using stream = openXdsStream({ address: started.address, protocol: 'sotw', only: 'endpoints' });
    stream.send(asking({ typeUrl: typeUrls.endpoints, names: ['a'] }));
    await waitFor('it is served', () => stream.answers.length === 1);
    stream.send(asking({ typeUrl: typeUrls.endpoints, names: ['a'], version: stream.answers[0]?.version ?? '', nonce: stream.answers[0]?.nonce ?? '' }));
    await waitFor('it has acknowledged', () => started.told.includes('acked endpoints'));
    started.snapshots.put('default', [...all.filter(({ type }) => type !== 'endpoints'), endpoints('a', [2])]);
    assert.equal(started.server.nodes().length, 1);
    await waitFor('they are sent', () => stream.answers.length === 2);
  });

  test('a group that does not exist waits with its reason, and is answered when it appears', async () => {
    await using started = await start();
    using stream = openXdsStream({ address: started.address, protocol: 'sotw' });
    stream.send(asking());
    await waitFor('the stream is known', () => started.server.nodes().length === 1);
    assert.equal(started.server.nodes()[0]?.reason, 'waiting for sources');
    started.snapshots.put('other', all);
    assert.equal(started.server.nodes()[0]?.reason, 'group default does not exist');
    started.snapshots.put('default', all);
    await waitFor('it is answered', () => stream.answers.length === 1);
  });

  test('stopping ends every stream and accepts no more', async () => {
    const started = await start();
    using stream = openXdsStream({ address: started.address, protocol: 'sotw' });
    stream.send(asking());
    await waitFor('the stream is known', () => started.server.nodes().length === 1);
    const began = performance.now();
    await started.server.stop(60_000);
    assert.ok(performance.now() - began < 30_000, 'in order, long before it would be cut');
    assert.equal((await stream.ended).code, unavailable);
    using late = openXdsStream({ address: started.address, protocol: 'sotw' });
    late.send(asking());
    assert.equal((await late.ended).code, unavailable);
  });

  test('without certificates of clients it is for loopback', async () => {
    await using started = await start();
    await assert.rejects(started.server.listen('0.0.0.0:0'), /refusing to listen .* without certificates of clients/);
  });
});

describe('bad clients', () => {
  const cases: readonly { readonly name: string; readonly does: (stream: XdsStream) => void; readonly code: number }[] = [
    { name: 'garbage', does: (stream) => stream.sendBytes(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x01])), code: invalidArgument },
    { name: 'a string that is cut off', does: (stream) => stream.sendBytes(Buffer.from([0x22, 0x7f, 0x61])), code: invalidArgument },
    { name: 'no node', does: ({ send }) => send({ protocol: 'sotw', typeUrl: typeUrls.clusters, nonce: '', names: [] }), code: invalidArgument },
    { name: 'no node id', does: ({ send }) => send(asking({ node: { ...node, id: '' } })), code: invalidArgument },
    { name: 'no type', does: ({ send }) => send(asking({ typeUrl: '' })), code: invalidArgument },
  ];
  for (const { name, does, code } of cases) {
    test(`${name}: that stream ends with its status, another goes on`, async () => {
      await using started = await start();
      started.snapshots.put('default', all);
      using good = openXdsStream({ address: started.address, protocol: 'sotw' });
      good.send(asking());
      using bad = openXdsStream({ address: started.address, protocol: 'sotw' });
      does(bad);
      assert.equal((await bad.ended).code, code);
      await waitFor('the good one is answered', () => good.answers.length === 1);
    });
  }

  test('unknown types and wrong nonces change nothing', async () => {
    await using started = await start();
    started.snapshots.put('default', all);
    using stream = openXdsStream({ address: started.address, protocol: 'sotw' });
    stream.send(asking({ typeUrl: 'type.googleapis.com/unknown.Type' }));
    stream.send(asking({ nonce: 'wrong' }));
    stream.send(asking());
    await waitFor('the known type is answered', () => stream.answers.length === 1);
    stream.send(asking({ nonce: 'wrong', error: 'refused' }));
    stream.send(asking({ nonce: stream.answers[0]?.nonce ?? '' }));
    await waitFor('the right nonce counts', () => started.server.nodes()[0]?.types.clusters?.state === 'ACKED');
    assert.equal(started.told.includes('nacked clusters'), false);
  });

  test('a client that does not read is closed with the reason, and learns it when it reads on', async () => {
    await using started = await start({ replyMs: 200 });
    started.snapshots.put(
      'default',
      Array.from({ length: 5000 }, (_, index) => cluster(`cluster-${index}`)),
    );
    const session = connect(`http://${started.address}`);
    try {
      // Below gRPC, whose client would read the first messages into buffers of its own.
      const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
      const deaf = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
      const request = encode('envoy.service.discovery.v3.DiscoveryRequest', { node: { id: 'n', cluster: 'default' }, type_url: typeUrls.clusters });
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(request.length, 1);
      deaf.write(Buffer.concat([prefix, request]));
      await waitFor('the stream is forgotten', () => started.told.includes('closed n'));
      assert.equal(started.server.nodes().length, 0);
      const trailers = once(deaf, 'trailers');
      deaf.resume();
      const [{ 'grpc-status': code, 'grpc-message': details }] = await trailers;
      assert.equal(Number(code), deadlineExceeded);
      assert.match(decodeURI(details), /reads nothing/);
    } finally {
      session.destroy();
    }
  });

  test('a client that has read everything is not closed', async () => {
    await using started = await start({ replyMs: 1000 });
    started.snapshots.put('default', [cluster('a')]);
    using idle = openXdsStream({ address: started.address, protocol: 'sotw' });
    idle.send(asking());
    await waitFor('it has its answer', () => idle.answers.length === 1);
    await sleep(2000);
    assert.equal(started.server.nodes().length, 1);
  });

  test('a client that never reads costs nobody else', async () => {
    await using started = await start();
    const many = (round: number) => Array.from({ length: 200 }, (_, index) => cluster(`cluster-${index}`, 1000 + round));
    started.snapshots.put('default', many(0));
    using deaf = openXdsStream({ address: started.address, protocol: 'sotw' });
    deaf.pause();
    deaf.send(asking());
    const versions = new Map<number, string>();
    const readers = Array.from({ length: 50 }, (_, index) =>
      openXdsStream({
        address: started.address,
        protocol: 'sotw',
        only: 'clusters',
        onAnswer: ({ nonce, version }, stream) => {
          versions.set(index, version);
          stream.send(asking({ nonce }));
        },
      }),
    );
    try {
      for (const reader of readers) reader.send(asking());
      await waitFor('all are there', () => started.server.nodes().length === 51);
      for (let round = 1; round <= 20; round++) {
        started.snapshots.put('default', many(round));
        await sleep(5);
      }
      await waitFor(
        'all but one are acknowledged',
        () => started.server.nodes().filter(({ revisionAcked, revisionWanted }) => revisionAcked === revisionWanted).length === 50,
      );
      assert.equal(new Set(versions.values()).size, 1);
    } finally {
      for (const reader of readers) reader[Symbol.dispose]();
    }
  });
});

// All Envoys come at once after a restart. Those that find no room in the queue are sent back by the kernel for seconds.
const onLinux = { skip: process.platform === 'linux' ? false : 'only Linux tells which connections have to try again' };
test('a thousand connections find room before the first of them is accepted', onLinux, async () => {
  await using started = await start();
  const [host, port] = started.address.split(':');
  const sockets = Array.from({ length: 1000 }, () => createConnection({ host: host ?? '', port: Number(port) }).on('error', () => undefined));
  // Each has called the kernel when this goes on, and the server has had no turn.
  await new Promise((resolve) => process.nextTick(resolve));
  const target = `:${Number(port).toString(16).toUpperCase().padStart(4, '0')} 02 `;
  const stillAsking = (): readonly string[] =>
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => line.includes(target));
  // A busy kernel takes a moment, which must not be a turn of the server.
  for (const until = performance.now() + patienceMs; stillAsking().length > 0 && performance.now() < until; );
  const left = stillAsking();
  for (const socket of sockets) socket.destroy();
  assert.deepEqual(left, []);
});
