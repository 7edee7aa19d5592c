import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerClientStatus } from '../../src/ads/client-status/client-status-answer.ts';
import { createRequestReader } from '../../src/ads/message/read-request.ts';
import { createRepeated } from '../../src/ads/message/repeated.ts';
import { readDescriptorSet } from '../../src/descriptor/descriptor-set.ts';
import { readClientReport } from '../../src/load/client-report.ts';
import { readLatencies, readLatencyReport } from '../../src/load/latency-report.ts';
import { readReport } from '../../src/load/report.ts';
import { resourceTypes } from '../../src/resource.ts';
import { startHttpBackend } from '../e2e/backend.ts';
import { freePort } from '../e2e/port.ts';
import { waitFor } from '../e2e/wait.ts';
import { fetchClientStatus } from '../fake/client-status.ts';
import { openLoadStream } from '../fake/load-stream.ts';
import { sendReport } from '../fake/otlp-client.ts';
import { random as createRandom, type Random } from '../fake/random.ts';
import { followXds, openXdsStream } from '../fake/xds-client.ts';
import { clientBytes, damaged, latencyBytes, questionBytes, reportBytes, requestBytes } from './fuzzed-bytes.ts';
import { seeded } from './seed.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';
import { clusterCount, createWorld } from './world.ts';

const partMs = 4500;
const decodedRequests = 10_000;
const mostGrowthBytes = 96 * 1024 * 1024;

test('bytes that are no request are refused by an error that says so', () => {
  const random = seeded('fuzz of requests');
  // Both remember what they have read, for the next one that is alike.
  const readers = (['delta', 'sotw'] as const).map((protocol) => createRequestReader(protocol, createRepeated(17)));
  for (let count = 0; count < decodedRequests; count++) {
    const bytes = damaged(random, requestBytes(random));
    for (const reader of readers) {
      try {
        reader.read(bytes);
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError), `${bytes.toString('hex')}: ${error}`);
      }
    }
  }
});

describe('a server that is sent nonsense', () => {
  test('goes on serving others, in bounded memory', async () => {
    const random = seeded('fuzz of the server');
    const root = await mkdtemp(join(tmpdir(), 'sluice-fuzz-'));
    try {
      await using stack = new AsyncDisposableStack();
      const backend = stack.use(await startHttpBackend('a'));
      const folder = join(root, 'objects');
      await createWorld(folder, random, [backend]);
      const [xdsPort, adminPort] = [await freePort(), await freePort()];
      const server = stack.use(createServerProcess(['-c', folder, '--xds-address', `127.0.0.1:${xdsPort}`], adminPort));
      await server.start();
      const address = `127.0.0.1:${xdsPort}`;
      await serves(address, 'before');
      // What it costs to have met everything once is no growth.
      for (const part of [() => fuzzStreams(address, random, partMs / 3), () => fuzzSockets([xdsPort, adminPort], random, partMs / 3)]) await part();
      await fuzzAdmin(adminPort, random, partMs / 3);
      const before = await server.memory();
      await fuzzStreams(address, random, partMs);
      await fuzzSockets([xdsPort, adminPort], random, partMs);
      await fuzzAdmin(adminPort, random, partMs);
      await serves(address, 'after');
      await isWell(server);
      const after = await server.memory();
      console.log(`fuzz: memory ${Math.round(before.resident / 2 ** 20)} MiB, then ${Math.round(after.resident / 2 ** 20)} MiB`);
      assert.ok(after.resident - before.resident < mostGrowthBytes, `memory grew from ${before.resident} to ${after.resident} bytes`);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

/** Streams of all kinds whose messages are damaged requests; some are cut, some are left to be ended. */
async function fuzzStreams(address: string, random: Random, forMs: number): Promise<void> {
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    const only = random.chance(0.5) ? undefined : random.pick(resourceTypes);
    using stream = openXdsStream({ address, protocol: random.pick(['delta', 'sotw'] as const), ...(only ? { only } : {}) });
    for (let count = 0; count < 20; count++) stream.sendBytes(random.chance(0.5) ? requestBytes(random) : damaged(random, requestBytes(random)));
    await Promise.race([stream.ended, sleep(20 + random.next() * 40)]);
    using reports = openLoadStream(address);
    for (let count = 0; count < 5; count++) reports.sendBytes(random.chance(0.5) ? reportBytes(random) : damaged(random, reportBytes(random)));
    await Promise.race([reports.ended, sleep(20)]);
    await sendReport('latencies', address, random.chance(0.5) ? latencyBytes(random) : damaged(random, latencyBytes(random)));
    await sendReport('clients', address, random.chance(0.5) ? clientBytes(random) : damaged(random, clientBytes(random)));
    // What is no question is refused, and so may one be that others keep waiting.
    await fetchClientStatus(address, random.chance(0.5) ? questionBytes(random) : damaged(random, questionBytes(random))).catch(() => undefined);
  }
}

/** Sockets that speak no HTTP, or half of it. */
async function fuzzSockets(ports: readonly number[], random: Random, forMs: number): Promise<void> {
  const beginnings = [
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET /api/v1/status HTTP/1.1\r\nhost: a\r\n',
    'POST / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n',
    '',
  ];
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    const socket = connect(random.pick(ports), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(random.pick(beginnings));
    socket.write(damaged(random, Buffer.alloc(Math.floor(random.next() * 2000))));
    await sleep(5 + random.next() * 20);
    socket.destroy();
  }
}

const adminPaths = [
  ...['config', 'diagnostics', 'diff', 'explain', 'history', 'resources/routes', 'snapshot', 'snapshot/encoded', 'splits', 'status', 'stream'],
  ...['why/Service/u1-0', 'confirm', 'discard', 'rollback'],
]
  .map((one) => `/api/v1/${one}`)
  .concat('/metrics');

/** Requests with queries that make no sense. Whatever they are answered, it is no internal error. */
async function fuzzAdmin(port: number, random: Random, forMs: number): Promise<void> {
  const words = ['', 'default', '%00', '../../etc/passwd', 'a'.repeat(3000), '%F0%9F%A6%86', '-1', '1e999', '{"a":[', '__proto__', 'http://x/%2e%2e'];
  const keys = ['group', 'node', 'type', 'name', 'a', 'b', 'url', 'path', 'limit', '__proto__', 'constructor'];
  const deadline = performance.now() + forMs;
  while (performance.now() < deadline) {
    const pairs = Array.from({ length: Math.floor(random.next() * 4) }, () => `${random.pick(keys)}=${random.pick(words)}`);
    const path = `${random.pick(adminPaths)}${random.chance(0.1) ? `/${random.pick(words)}` : ''}?${pairs.join('&')}`;
    const method = random.pick(['GET', 'GET', 'GET', 'POST', 'DELETE']);
    const body = method === 'POST' ? random.pick(words) : null;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body, signal: AbortSignal.timeout(30_000) });
    assert.notEqual(answer.status, 500, `${method} ${path}: ${answer.status}`);
    // Some answers never end by themselves.
    await answer.body?.cancel();
  }
}

/** A client that behaves still gets everything. */
async function serves(address: string, id: string): Promise<void> {
  for (const protocol of ['delta', 'sotw'] as const) {
    using stream = followXds(address, { protocol, id: `${id}-${protocol}` });
    await waitFor('a client has all clusters', () => stream.peer.held.clusters.size === clusterCount && stream.peer.held.routes.size > 0);
  }
}

async function isWell(server: ServerProcess): Promise<void> {
  assert.equal((await server.status()).ready, true);
  assert.doesNotMatch(server.log(), /"level":(50|60)/, 'nothing was logged as an error');
}

for (const { what, bytesOf, read } of [
  { what: 'load report', bytesOf: reportBytes, read: readReport },
  { what: 'report of clients', bytesOf: clientBytes, read: (bytes: Buffer) => void readClientReport(bytes, 10) },
  {
    what: 'report of latencies',
    bytesOf: latencyBytes,
    read(bytes: Buffer) {
      for (const metric of readLatencyReport(bytes).metrics) readLatencies(bytes, metric);
    },
  },
]) {
  test(`bytes that are no ${what} are refused by an error that says so`, () => {
    const random = seeded(`fuzz of a ${what}`);
    for (let count = 0; count < decodedRequests; count++) {
      const bytes = damaged(random, bytesOf(random));
      try {
        read(bytes);
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError), `${bytes.toString('hex')}: ${error}`);
      }
    }
  });
}

test('bytes that are no question for the status of clients are answered with what is wrong', async () => {
  const random = seeded('fuzz of questions');
  for (let count = 0; count < decodedRequests; count++) {
    const answer = await answerClientStatus(damaged(random, questionBytes(random)), []);
    assert.ok(Buffer.isBuffer(answer) || answer.code === 'INVALID_ARGUMENT');
  }
});

test('bytes that are no compiled .proto files are a problem in words', async () => {
  const random = seeded('fuzz of descriptors');
  const compiled = await readFile(new URL('../e2e/grpc/shop.binpb', import.meta.url));
  for (let count = 0; count < decodedRequests / 10; count++) {
    const set = readDescriptorSet(damaged(random, compiled));
    assert.ok('problem' in set ? set.problem !== '' : set.bytes.length > 0);
  }
});

test('the same seed gives the same bytes', () => {
  const bytesOf = (seed: number): string => {
    const random = createRandom(seed);
    return damaged(random, requestBytes(random)).toString('hex');
  };
  assert.equal(bytesOf(7), bytesOf(7));
});
