import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../../test/e2e/wait.ts';
import { startAdsServer } from '../../../test/fake/ads-server.ts';
import { quietObserver } from '../../../test/fake/observer.ts';
import { cluster } from '../../../test/fake/resources.ts';
import { openXdsStream } from '../../../test/fake/xds-client.ts';
import type { ClientLimits } from '../../client-limits.ts';
import { encode } from '../../proto/codec.ts';
import { typeUrls } from '../../resource.ts';

const ads = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const status = '/envoy.service.status.v3.ClientStatusDiscoveryService/StreamClientStatus';
const [resourceExhausted, deadlineExceeded, unimplemented] = ['8', '4', '12'];
const mebibyte = 1024 * 1024;

async function start(clientLimits: Partial<ClientLimits>) {
  const told: string[] = [];
  const observer = { ...quietObserver, streamRefused: (code: string) => void told.push(code) };
  const started = await startAdsServer([cluster('a')], { observer, clientLimits });
  // In megabytes. With less the client itself cuts a stream that is answered while so much waits to be sent.
  const session = connect(`http://${started.address}`, { maxSessionMemory: 1000 });
  // What the server cuts is looked at by its streams.
  session.on('error', () => undefined);
  return {
    ...started,
    session,
    told,
    async [Symbol.asyncDispose]() {
      session.destroy();
      await started[Symbol.asyncDispose]();
    },
  };
}

function open(session: ClientHttp2Session, path = ads, encoding?: string) {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
  });
  stream.on('error', () => undefined);
  stream.resume();
  const ended = new Promise<readonly [string, string]>((resolve) => {
    const tell = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers['grpc-status'] !== undefined) resolve([String(headers['grpc-status']), decodeURIComponent(String(headers['grpc-message']))]);
    };
    stream.on('response', tell);
    stream.on('trailers', tell);
  });
  return { stream, ended };
}

/** The head of a request that has so many bytes. */
function head(bytes: number): Buffer {
  const text = Buffer.alloc(5);
  text.writeUInt32BE(bytes, 1);
  return text;
}

/** How many bytes of a stream are not with the server yet, when that stands still. */
async function unsent(stream: ClientHttp2Stream): Promise<number> {
  for (let [before, still] = [-1, 0]; still < 10; await sleep(10)) {
    const now = stream.writableLength;
    still = now === before ? still + 1 : 0;
    before = now;
  }
  return stream.writableLength;
}

/** A request with a node whose metadata fills it up. */
const filled = (id: string, bytes: number): Buffer =>
  Buffer.from(
    encode('envoy.service.discovery.v3.DeltaDiscoveryRequest', {
      node: { id, cluster: 'default', metadata: { fields: { a: { stringValue: 'x'.repeat(bytes) } } } },
      type_url: typeUrls.clusters,
    }),
  );

describe('requests that are not whole', () => {
  test('take no more memory than there is for all: the clients of others may not send', async () => {
    await using started = await start({ requestBytes: 8 * mebibyte, unfinishedBytes: 16 * mebibyte });
    const streams = Array.from({ length: 12 }, () => open(started.session));
    for (const { stream } of streams) stream.write(Buffer.concat([head(8 * mebibyte), Buffer.alloc(7 * mebibyte)]));
    await waitFor('all but one wait', () => started.server.unfinished().waiting === 11);
    let held = 0;
    for (const { stream } of streams) held += (await unsent(stream)) === 0 ? 7 * mebibyte : 0;
    assert.equal(held, 7 * mebibyte, 'one connection has what one request may have');
    assert.equal(started.server.unfinished().bytes, 8 * mebibyte);
  });

  test('a client that still has much to send when it is refused is told so', async () => {
    await using started = await start({ requestBytes: 8 * mebibyte, unfinishedBytes: 16 * mebibyte, requestMs: 1000 });
    const streams = Array.from({ length: 4 }, () => open(started.session));
    for (const { stream } of streams) stream.write(Buffer.concat([head(8 * mebibyte), Buffer.alloc(7 * mebibyte)]));
    const codes = (await Promise.all(streams.map(({ ended }) => ended))).map(([code]) => code);
    assert.deepEqual(codes.sort(), [deadlineExceeded, resourceExhausted, resourceExhausted, resourceExhausted].sort());
  });

  test('wait for each other, and all are answered', async () => {
    await using started = await start({ requestBytes: mebibyte, unfinishedBytes: 2 * mebibyte });
    const streams = Array.from({ length: 30 }, (_, index) => {
      const stream = openXdsStream({ address: started.address, protocol: 'delta' });
      stream.sendBytes(filled(`envoy-${index}`, 700_000));
      return stream;
    });
    await waitFor('each has its answer', () => streams.every(({ answers }) => answers.length === 1));
    assert.deepEqual([started.server.nodes().length, started.told], [30, []]);
    assert.deepEqual(started.server.unfinished(), { bytes: 0, waiting: 0 });
    for (const stream of streams) stream[Symbol.dispose]();
  });

  test('a small one finds room beside a large one that never ends', async () => {
    await using started = await start({ requestBytes: mebibyte, unfinishedBytes: 2 * mebibyte });
    open(started.session).stream.write(Buffer.concat([head(mebibyte), Buffer.alloc(1000)]));
    await waitFor('the large one has its place', () => started.server.unfinished().bytes === mebibyte);
    using stream = openXdsStream({ address: started.address, protocol: 'delta' });
    stream.sendBytes(filled('envoy-1', 200_000));
    await waitFor('the small one is answered', () => stream.answers.length === 1);
  });

  const cases: readonly {
    readonly name: string;
    readonly limits: Partial<ClientLimits>;
    readonly before?: Buffer;
    readonly sends: readonly Buffer[];
    readonly code: string;
    readonly says: RegExp;
  }[] = [
    { name: 'never whole', limits: { requestMs: 100 }, sends: [head(1000)], code: deadlineExceeded, says: /of 1000 bytes is not whole after 100 ms/ },
    {
      name: 'not even its length',
      limits: { requestMs: 100 },
      sends: [head(1000).subarray(0, 2)],
      code: deadlineExceeded,
      says: /a request is not whole after 100 ms/,
    },
    {
      name: 'no room in time',
      limits: { requestMs: 100, requestBytes: 1000, unfinishedBytes: 1000, firstRequestMs: 60_000 },
      before: head(900),
      sends: [head(1000)],
      code: resourceExhausted,
      says: /no room for a request of 1000 bytes within 100 ms/,
    },
    {
      name: 'too many wait',
      limits: { requestBytes: 1000, unfinishedBytes: 1000, unfinishedWaiting: 0 },
      before: head(900),
      sends: [head(1000)],
      code: resourceExhausted,
      says: /too many clients wait/,
    },
    { name: 'larger than a request may be', limits: { requestBytes: 1000 }, sends: [head(1001)], code: resourceExhausted, says: /1001/ },
    {
      name: 'in pieces that cost more than their content',
      limits: {},
      sends: [head(1_000_000), ...Array.from({ length: 300 }, () => Buffer.alloc(1))],
      code: resourceExhausted,
      says: /pieces that are too small/,
    },
  ];
  for (const { name, limits, before, sends, code, says } of cases) {
    test(`${name}: the stream ends with its status`, async () => {
      await using started = await start(limits);
      if (before) {
        const other = open(started.session).stream;
        other.write(before);
        await waitFor('the other is there', () => started.server.unfinished().bytes === 900);
      }
      const { stream, ended } = open(started.session);
      for (const piece of sends) {
        if (stream.destroyed) break;
        await new Promise((resolve) => stream.write(piece, resolve));
        await sleep(0);
      }
      const [actual, details] = await ended;
      assert.equal(actual, code);
      assert.match(details, says);
      assert.ok(started.told.length > 0);
    });
  }

  test('the first part of a request is no first request that fails to come', async () => {
    await using started = await start({ firstRequestMs: 1000, requestMs: 60_000 });
    const bytes = filled('envoy-1', 10);
    const { stream } = open(started.session);
    stream.write(head(bytes.length));
    await sleep(1500);
    stream.write(bytes);
    await waitFor('it is served', () => started.server.nodes().length === 1);
  });

  test('a stream that goes does not keep its place', async () => {
    await using started = await start({});
    const { stream } = open(started.session);
    stream.write(Buffer.concat([head(mebibyte), Buffer.alloc(1000)]));
    await waitFor('it has its place', () => started.server.unfinished().bytes === mebibyte);
    stream.close(8);
    await waitFor('it is given back', () => started.server.unfinished().bytes === 0);
  });

  test('a refused client that never ends its side is cut', { timeout: 20_000 }, async () => {
    await using started = await start({ requestMs: 50 });
    const { stream, ended } = open(started.session);
    stream.write(Buffer.concat([head(mebibyte), Buffer.alloc(1000)]));
    await ended;
    await once(stream, 'close');
    await waitFor('nothing is kept', () => started.server.unfinished().bytes === 0);
  });

  for (const path of [ads, status]) {
    test(`compressed requests are not taken: ${path}`, async () => {
      await using started = await start({});
      assert.deepEqual(await open(started.session, path, 'gzip').ended, [unimplemented, 'compressed requests are not taken']);
    });
  }

  test('questions for the status of clients are small', async () => {
    await using started = await start({});
    const { stream, ended } = open(started.session, status);
    stream.write(Buffer.concat([head(mebibyte), Buffer.alloc(1000)]));
    assert.deepEqual(await ended, [resourceExhausted, `a request of ${mebibyte} bytes is larger than 65536`]);
  });
});
