import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../test/e2e/wait.ts';
import { startAdsServer } from '../../test/fake/ads-server.ts';
import { cluster } from '../../test/fake/resources.ts';
import { followXds, openXdsStream } from '../../test/fake/xds-client.ts';
import { parseAddress } from '../address.ts';
import type { ClientLimits } from '../client-limits.ts';
import { encode } from '../proto/codec.ts';
import { typeUrls } from '../resource.ts';

const unavailable = '14';
const node = { id: 'n', group: 'default', agent: 'test' };

const start = (clientLimits: Partial<ClientLimits> = {}) => startAdsServer([cluster('a')], { clientLimits });

/** Stands between clients and the server until it loses all that they say, as a network does that was cut. */
async function startNetwork(to: string) {
  const cuts: (() => void)[] = [];
  const between = createServer((client) => {
    const upstream = createConnection({ host: '127.0.0.1', port: parseAddress(to)?.port ?? 0 });
    for (const socket of [client, upstream]) socket.on('error', () => undefined).on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
    cuts.push(() => client.unpipe(upstream).resume());
  });
  await once(between.listen(0, '127.0.0.1'), 'listening');
  const { port } = between.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    cut: () => cuts.forEach((cut) => void cut()),
    [Symbol.dispose]: () => void between.close(),
  };
}

test('stopping ends streams, then says goodbye on every connection and waits until it is closed', async () => {
  await using started = await start();
  const session = connect(`http://${started.address}`);
  const told: string[] = [];
  session.on('goaway', (code) => told.push(`goaway ${code}`)).on('close', () => told.push('closed'));
  const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  stream.on('trailers', ({ 'grpc-status': code }) => {
    told.push(`status ${code}`);
    stream.end();
  });
  stream.resume();
  const request = encode('envoy.service.discovery.v3.DiscoveryRequest', { node: { id: 'n', cluster: 'default' }, type_url: typeUrls.clusters });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  stream.write(Buffer.concat([head, request]));
  await waitFor('it is served', () => started.server.nodes().length === 1);
  const began = performance.now();
  await started.server.stop(60_000);
  assert.ok(performance.now() - began < 30_000, 'in order, long before it would be cut');
  await waitFor('the connection is closed', () => told.includes('closed'));
  assert.deepEqual([...new Set(told)].toSorted(), ['closed', 'goaway 0', `status ${unavailable}`]);
});

test('a client that the network has lost is noticed by a ping, and one that answers pings stays', async () => {
  await using started = await start({ keepaliveMs: 100, keepaliveAnswerMs: 2000 });
  using network = await startNetwork(started.address);
  using _lost = followXds(network.address, { protocol: 'delta', id: 'lost' });
  using _good = followXds(started.address, { protocol: 'delta', id: 'good' });
  await waitFor('both are there', () => started.server.nodes().length === 2);
  network.cut();
  await waitFor('one is gone', () => started.server.nodes().length === 1);
  await sleep(1000);
  assert.deepEqual(
    started.server.nodes().map(({ id }) => id),
    ['good'],
  );
});

test('a request of many megabytes is taken: who comes back tells the versions of all that it has', async () => {
  await using started = await start();
  using stream = openXdsStream({ address: started.address, protocol: 'delta' });
  const versions = Array.from({ length: 30_000 }, (_, index) => [`${'n'.repeat(600)}-${index}`, 'v'.repeat(64)]);
  const initialVersions = Object.fromEntries(versions) as Record<string, string>;
  stream.send({ protocol: 'delta', node, typeUrl: typeUrls.clusters, nonce: '', subscribe: [], unsubscribe: [], initialVersions });
  await waitFor('it is answered', () => stream.answers.some(({ resources }) => resources.some(({ name }) => name === 'a')));
});

test('connections that say nothing hold up those that come after them for a moment only, and are closed at the end', async () => {
  await using started = await start();
  const port = parseAddress(started.address)?.port ?? 0;
  const silent = Array.from({ length: 60 }, () => createConnection({ host: '127.0.0.1', port }).on('error', () => undefined));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const closed = silent.map((socket) => once(socket.resume(), 'close'));
  using _client = followXds(started.address, { protocol: 'delta', id: 'a' });
  await waitFor('it is served', () => started.server.nodes().length === 1);
  await started.server.stop(200);
  await Promise.all(closed);
});
