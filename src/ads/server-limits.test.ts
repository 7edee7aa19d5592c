import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { waitFor } from '../../test/e2e/wait.ts';
import { startAdsServer } from '../../test/fake/ads-server.ts';
import { quietObserver } from '../../test/fake/observer.ts';
import { cluster } from '../../test/fake/resources.ts';
import { openXdsStream, type XdsStream } from '../../test/fake/xds-client.ts';
import { parseAddress } from '../address.ts';
import type { ClientLimits } from '../client-limits.ts';
import { encode } from '../proto/codec.ts';
import { typeUrls } from '../resource.ts';
import type { DeltaRequest } from './stream/request.ts';

const [deadlineExceeded, resourceExhausted] = [4, 8];
const node = { id: 'n', group: 'default', agent: 'test' };
const asking = (more: Partial<DeltaRequest> = {}): DeltaRequest => ({
  protocol: 'delta',
  node,
  typeUrl: typeUrls.endpoints,
  nonce: '',
  subscribe: [],
  unsubscribe: [],
  initialVersions: {},
  ...more,
});

async function start(clientLimits: Partial<ClientLimits>) {
  const lines: Record<string, unknown>[] = [];
  const told: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const observer = {
    ...quietObserver,
    streamRefused: (code: string) => void told.push(code),
    connectionRefused: (reason: string) => void told.push(reason),
  };
  const started = await startAdsServer([cluster('a')], { log, observer, clientLimits });
  return { ...started, lines, told };
}

describe('what one stream may do', () => {
  const cases: readonly {
    readonly name: string;
    readonly limits: Partial<ClientLimits>;
    readonly does: (stream: XdsStream) => void;
    readonly code: number;
    readonly says: RegExp;
  }[] = [
    { name: 'no first request', limits: { firstRequestMs: 1000 }, does: () => undefined, code: deadlineExceeded, says: /no first request within 1000 ms/ },
    {
      name: 'too many requests',
      limits: { requestBurst: 5, requestsPerSecond: 1 },
      does: ({ send }) => {
        for (let request = 0; request < 7; request++) send(asking());
      },
      code: resourceExhausted,
      says: /more than 5 requests at once or 1 a second/,
    },
    {
      name: 'too many names in a request',
      limits: { names: 3 },
      does: ({ send }) => send(asking({ subscribe: ['a', 'b', 'c', 'd'] })),
      code: resourceExhausted,
      says: /has 4 entries, and at most 3/,
    },
    {
      name: 'too many names in all',
      limits: { names: 3 },
      does({ send }) {
        send(asking({ subscribe: ['a', 'b'] }));
        send(asking({ subscribe: ['c', 'd'] }));
      },
      code: resourceExhausted,
      says: /more than 3 names of endpoints/,
    },
    {
      name: 'a name that is too long',
      limits: { nameCharacters: 100 },
      does: ({ send }) => send(asking({ subscribe: ['x'.repeat(101)] })),
      code: resourceExhausted,
      says: /more than 100 characters/,
    },
    {
      name: 'a node with metadata of any size',
      limits: { requestBytes: 10_000 },
      does: ({ sendBytes }) =>
        sendBytes(
          Buffer.from(
            encode('envoy.service.discovery.v3.DeltaDiscoveryRequest', {
              node: { id: 'n', cluster: 'default', metadata: { fields: { a: { stringValue: 'x'.repeat(20_000) } } } },
              type_url: typeUrls.clusters,
            }),
          ),
        ),
      code: resourceExhausted,
      says: /larger/,
    },
  ];
  for (const { name, limits, does, code, says } of cases) {
    test(`${name}: that stream ends with its status and the limit, another goes on`, async () => {
      await using started = await start(limits);
      using good = openXdsStream({ address: started.address, protocol: 'delta' });
      good.send(asking({ typeUrl: typeUrls.clusters }));
      await waitFor('the good one is answered', () => good.answers.length === 1);
      using bad = openXdsStream({ address: started.address, protocol: 'delta' });
      does(bad);
      const ended = await bad.ended;
      assert.equal(ended.code, code);
      assert.match(ended.details, says);
      good.send(asking({ typeUrl: typeUrls.clusters, nonce: good.answers[0]?.nonce ?? '' }));
      await waitFor('the good one is heard', () => started.server.nodes()[0]?.types.clusters?.state === 'ACKED');
    });
  }
});

describe('how many there may be', () => {
  test('streams from one address, and again when one has ended', async () => {
    await using started = await start({ streamsPerAddress: 2 });
    using first = openXdsStream({ address: started.address, protocol: 'delta' });
    using second = openXdsStream({ address: started.address, protocol: 'delta' });
    for (const stream of [first, second]) stream.send(asking());
    await waitFor('both are there', () => started.server.nodes().length === 2);
    using third = openXdsStream({ address: started.address, protocol: 'delta' });
    third.send(asking());
    assert.deepEqual(await third.ended, { code: resourceExhausted, details: '127.0.0.1 has 2 streams open and may not have more' });
    assert.deepEqual(started.told, ['RESOURCE_EXHAUSTED']);
    first.cancel();
    await waitFor('the first is forgotten', () => started.server.nodes().length === 1);
    using fourth = openXdsStream({ address: started.address, protocol: 'delta' });
    fourth.send(asking());
    await waitFor('another takes its place', () => started.server.nodes().length === 2);
  });

  test('connections: one too many is closed unheard', async () => {
    await using started = await start({ connections: 1 });
    using first = openXdsStream({ address: started.address, protocol: 'delta' });
    first.send(asking({ typeUrl: typeUrls.clusters }));
    await waitFor('the first is answered', () => first.answers.length === 1);
    const second = connect({ host: '127.0.0.1', port: parseAddress(started.address)?.port ?? 0 });
    await once(second, 'close');
    assert.deepEqual(started.told, ['limit']);
    assert.equal(started.server.nodes().length, 1);
  });

  test('a connection without a stream is closed', async () => {
    await using started = await start({ idleConnectionMs: 100 });
    const socket = connect({ host: '127.0.0.1', port: parseAddress(started.address)?.port ?? 0 });
    socket.resume();
    await once(socket, 'close');
  });

  test('lines of log about what is refused are few, however often it comes', async () => {
    await using started = await start({ streams: 0 });
    for (let round = 0; round < 100; round++) {
      using stream = openXdsStream({ address: started.address, protocol: 'delta' });
      assert.equal((await stream.ended).code, resourceExhausted);
    }
    const lines = started.lines.filter(({ msg }) => msg === 'xDS stream not served');
    assert.ok(lines.length >= 50 && lines.length < 90, `${lines.length} lines`);
    assert.equal(started.told.length, 100);
  });
});

test('each stream leaves a line when it opens and one when it ends: who, what, how much, how long, why', async () => {
  await using started = await start({});
  const stream = openXdsStream({ address: started.address, protocol: 'delta' });
  stream.send(asking({ typeUrl: typeUrls.clusters }));
  await waitFor('it is answered', () => stream.answers.length === 1);
  stream.send(asking({ typeUrl: typeUrls.clusters, nonce: stream.answers[0]?.nonce ?? '' }));
  await waitFor('it is heard', () => started.server.nodes()[0]?.types.clusters?.state === 'ACKED');
  stream[Symbol.dispose]();
  await waitFor('it is forgotten', () => started.server.nodes().length === 0);
  const [opened, closed] = started.lines.filter(({ msg }) => /^xDS stream/.test(String(msg)));
  const subject = { node: 'n', group: 'default', agent: 'test', client: 'no certificate', protocol: 'delta' };
  for (const line of [opened, closed]) {
    assert.deepEqual(Object.fromEntries(Object.keys(subject).map((key) => [key, line?.[key]])), subject);
    assert.match(String(line?.['peer']), /^127\.0\.0\.1:\d+$/);
  }
  assert.equal(opened?.['msg'], 'xDS stream opened');
  assert.equal(closed?.['msg'], 'xDS stream closed');
  assert.deepEqual([closed?.['types'], closed?.['answers'], closed?.['acks'], closed?.['nacks']], [['clusters'], 1, 1, 0]);
  assert.ok(Number(closed?.['bytes']) > 100);
  assert.ok(Number(closed?.['openMs']) >= 0);
  assert.match(String(closed?.['reason']), /^the client (went away|ended the stream)$/);
});
