import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status as statusCodes } from '@grpc/grpc-js';
import { pino } from 'pino';
import { waitFor } from '../../../test/e2e/wait.ts';
import { startAdsServer } from '../../../test/fake/ads-server.ts';
import { fetchClientStatus, openStatusStream, statusLines, streamClientStatus } from '../../../test/fake/client-status.ts';
import { createLeapingClock } from '../../../test/fake/clock.ts';
import { createFakeKeyFiles } from '../../../test/fake/key-files.ts';
import { cluster, endpoints, listener, routes } from '../../../test/fake/resources.ts';
import { followXds, openXdsStream } from '../../../test/fake/xds-client.ts';
import { createPeer } from '../../../test/fake/xds-peer.ts';
import { encode } from '../../proto/codec.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { createAuthority, issueCertificate } from '../../tls/authority.ts';
import { resource } from '../../xds/encode.ts';
import { type AskedStream, answerClientStatus } from './client-status-answer.ts';

const secret = resource('secrets', 's', { name: 's', tls_certificate: { private_key: { inline_string: 'MARKER-OF-A-KEY' } } }, []);
const all = [cluster('a'), cluster('b'), endpoints('a', [1]), endpoints('b', [2]), listener('l', 10, 'r'), routes('r', { '/': 'a' })];

const start = (resources: readonly Resource[] = all) => startAdsServer(resources);

const settled = (server: { nodes(): readonly { readonly revisionAcked?: string }[] }, count = 1) =>
  waitFor('all have acknowledged', () => server.nodes().filter(({ revisionAcked }) => revisionAcked !== undefined).length === count);

test('what a client acknowledged is SYNCED, with its version and content', async () => {
  await using started = await start();
  using _stream = followXds(started.address, { protocol: 'delta', id: 'envoy-1' });
  await settled(started.server);
  const configs = await fetchClientStatus(started.address);
  assert.deepEqual(
    configs.map(({ node }) => [node?.id, node?.cluster]),
    [['envoy-1', 'default']],
  );
  assert.deepEqual(statusLines(configs), [
    'Cluster a SYNCED ACKED',
    'Cluster b SYNCED ACKED',
    'ClusterLoadAssignment a SYNCED ACKED',
    'ClusterLoadAssignment b SYNCED ACKED',
    'Listener l SYNCED ACKED',
    'RouteConfiguration r SYNCED ACKED',
  ]);
  const [first] = configs[0]?.generic_xds_configs ?? [];
  assert.equal(first?.version_info, all[0]?.version);
  assert.equal((first?.xds_config as { readonly name?: string } | undefined)?.name, 'a');
  const [bare] = (await fetchClientStatus(started.address, { exclude_resource_contents: true }))[0]?.generic_xds_configs ?? [];
  assert.deepEqual([bare?.version_info, bare?.xds_config], [all[0]?.version, undefined]);
});

test('what has no answer yet is STALE, what does not exist is said, and what a client refused is an ERROR in its words', async () => {
  await using started = await start();
  using stream = openXdsStream({ address: started.address, protocol: 'sotw' });
  const node = { id: 'n', group: 'default', agent: 'test' };
  stream.send({ protocol: 'sotw', node, typeUrl: typeUrls.clusters, nonce: '', names: ['a', 'missing'] });
  await waitFor('the answer', () => stream.answers.length === 1);
  const configs = await fetchClientStatus(started.address);
  assert.deepEqual(statusLines(configs), ['Cluster a STALE REQUESTED', 'Cluster missing NOT_SENT DOES_NOT_EXIST']);
  assert.ok(Math.abs(Number(configs[0]?.generic_xds_configs?.[0]?.last_updated?.seconds) - Date.now() / 1000) < 60);
  const { nonce = '' } = stream.answers[0] ?? {};
  stream.send({ protocol: 'sotw', typeUrl: typeUrls.clusters, nonce, names: ['a', 'missing'], error: 'cluster a: no such thing' });
  await waitFor('the status', async () => statusLines(await fetchClientStatus(started.address)).includes('Cluster a ERROR NACKED'));
  const refused = (await fetchClientStatus(started.address))[0]?.generic_xds_configs?.[0];
  assert.deepEqual([refused?.error_state?.details, refused?.error_state?.version_info], ['cluster a: no such thing', all[0]?.version]);
  assert.equal(refused?.version_info ?? '', '');
});

test('of what waits for something else, the old version is ACKED and the new one NOT_SENT', async () => {
  await using started = await start();
  const peer = createPeer({ protocol: 'delta' });
  let takesClusters = true;
  using stream = openXdsStream({
    address: started.address,
    protocol: 'delta',
    onAnswer(answer, open) {
      if (answer.type === 'clusters' && !takesClusters) return;
      for (const request of peer.receive(answer)) open.send(request);
    },
  });
  for (const request of peer.connect()) stream.send(request);
  await settled(started.server);
  takesClusters = false;
  started.snapshots.put('default', [...all.slice(0, -1), cluster('c'), endpoints('c', [3]), routes('r', { '/': 'c' })]);
  await waitFor('the status', async () => statusLines(await fetchClientStatus(started.address)).includes('Cluster c STALE REQUESTED'));
  const configs = await fetchClientStatus(started.address);
  assert.deepEqual(
    statusLines(configs).filter((line) => !line.includes(' SYNCED ')),
    ['Cluster c STALE REQUESTED', 'RouteConfiguration r NOT_SENT ACKED'],
  );
  const old = configs[0]?.generic_xds_configs?.find(({ name }) => name === 'r');
  assert.equal(old?.version_info, all.at(-1)?.version);
});

test('of secrets only the name is told', async () => {
  await using started = await start([secret]);
  using stream = openXdsStream({ address: started.address, protocol: 'delta', only: 'secrets' });
  const node = { id: 'n', group: 'default', agent: 'test' };
  stream.send({ protocol: 'delta', node, typeUrl: '', nonce: '', subscribe: ['s'], unsubscribe: [], initialVersions: {} });
  await waitFor('the answer', () => stream.answers.length === 1);
  const configs = await fetchClientStatus(started.address);
  assert.deepEqual(statusLines(configs), ['Secret s STALE REQUESTED']);
  assert.equal((configs[0]?.generic_xds_configs?.[0]?.xds_config as { readonly name?: string } | undefined)?.name, 's');
  assert.doesNotMatch(JSON.stringify(configs), /MARKER/);
});

test('node matchers say of which nodes, also one question after the other; others are refused', async () => {
  await using started = await start();
  using _first = followXds(started.address, { protocol: 'delta', id: 'edge-1' });
  using _second = followXds(started.address, { protocol: 'sotw', id: 'edge-2' });
  await settled(started.server, 2);
  const exact = (id: string) => ({ node_matchers: [{ node_id: { exact: id } }] });
  const answers = await streamClientStatus(started.address, [exact('edge-2'), exact('nobody'), {}]);
  assert.deepEqual(
    answers.map((configs) => configs.map(({ node }) => node?.id).sort()),
    [['edge-2'], [], ['edge-1', 'edge-2']],
  );
  const metadata = { node_matchers: [{ node_metadatas: [{}] }] };
  await assert.rejects(fetchClientStatus(started.address, metadata), { code: statusCodes.INVALID_ARGUMENT, details: /node_metadatas/ });
  await assert.rejects(streamClientStatus(started.address, [metadata]), { code: statusCodes.INVALID_ARGUMENT });
  await assert.rejects(fetchClientStatus(started.address, Buffer.from([0xff])), { code: statusCodes.INVALID_ARGUMENT, details: /cannot be read/ });
});

test('where clients show certificates, that of an Envoy is not enough, and a stream ends with that of its client', async () => {
  const now = Date.now();
  const authority = await createAuthority('all', { now, days: 30 });
  const issue = (usage: 'client' | 'server', name: string) => issueCertificate(authority, { commonName: usage, usage, names: [name] }, { now, days: 1 });
  const { certificate, key } = await issue('server', 'sluice');
  const keyFiles = createFakeKeyFiles({ certificateChain: certificate, privateKey: key, clientAuthorities: authority.certificate });
  const clock = createLeapingClock();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await using started = await startAdsServer(undefined, { clock, log, keyFiles });
  const { address } = started;
  const ask = async (uri: string) => fetchClientStatus(address, {}, { authority: authority.certificate, ...(await issue('client', uri)) });
  await assert.rejects(ask('spiffe://sluice/group/default'), { code: statusCodes.PERMISSION_DENIED, details: /the URI spiffe:\/\/sluice\/admin/ });
  await assert.rejects(ask('spiffe://elsewhere/admin'), { code: statusCodes.PERMISSION_DENIED });
  assert.deepEqual(await ask('spiffe://sluice/admin'), []);
  assert.deepEqual(
    lines.map(({ msg, client }) => [msg, client]),
    [
      ['question for the status of clients refused', { subject: 'CN=client', uris: ['spiffe://sluice/group/default'] }],
      ['question for the status of clients refused', { subject: 'CN=client', uris: ['spiffe://elsewhere/admin'] }],
      ['question for the status of clients', { subject: 'CN=client', uris: ['spiffe://sluice/admin'] }],
    ],
  );

  const stream = openStatusStream(address, { authority: authority.certificate, ...(await issue('client', 'spiffe://sluice/admin')) });
  await stream.answered;
  // The certificate is for a day.
  clock.endLongWaits();
  const { code, details } = await stream.ended;
  assert.deepEqual([code, details], [statusCodes.UNAUTHENTICATED, 'the certificate of the client has ended']);
});

test('an answer that is too long is refused with what to do, and so is a long question', async () => {
  const states = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, index) => ({
      type: 'clusters' as const,
      name: `c${index}`,
      progress: 'acked' as const,
      resource: { ...cluster('a'), bytes: Buffer.alloc(bytes) },
    }));
  const stream = (count: number, bytes = 0): AskedStream => ({ node: () => ({ id: 'n', group: 'g', agent: 'a' }), resources: () => states(count, bytes) });
  const refusal = async (question: Buffer, ...streams: AskedStream[]) => {
    const answer = await answerClientStatus(question, streams);
    return Buffer.isBuffer(answer) ? answer.length : `${answer.code} ${answer.details}`;
  };
  const nothing = Buffer.alloc(0);
  assert.match(String(await refusal(nothing, stream(30_000), stream(30_000))), /^RESOURCE_EXHAUSTED .* more than 50000 resources: ask about fewer nodes/);
  assert.match(String(await refusal(nothing, stream(5, 8 * 1024 * 1024))), /^RESOURCE_EXHAUSTED .* more than 33554432 bytes: ask about fewer nodes/);
  assert.match(String(await refusal(Buffer.alloc(70_000))), /^RESOURCE_EXHAUSTED the question has 70000 bytes, above 65536/);
  const excluded = Buffer.from(encode('envoy.service.status.v3.ClientStatusRequest', { exclude_resource_contents: true }));
  assert.ok(Number(await refusal(excluded, stream(5, 8 * 1024 * 1024))) < 1000);
});

test('only so many ask at a time, and who goes makes room; a server that stops ends them', async () => {
  await using started = await start();
  const open = Array.from({ length: 4 }, () => openStatusStream(started.address));
  for (const { answered } of open) await answered;
  await assert.rejects(fetchClientStatus(started.address), { code: statusCodes.RESOURCE_EXHAUSTED, details: /4 ask already/ });
  open[0]?.cancel();
  await waitFor('room', () =>
    fetchClientStatus(started.address).then(
      () => true,
      () => false,
    ),
  );
  const began = performance.now();
  await started.server.stop(60_000);
  assert.ok(performance.now() - began < 30_000);
  assert.equal((await open[1]?.ended)?.code, statusCodes.UNAVAILABLE);
});
