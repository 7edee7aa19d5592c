import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitFor } from '../../../test/e2e/wait.ts';
import { startAdsServer } from '../../../test/fake/ads-server.ts';
import { groupClient } from '../../../test/fake/group-client.ts';
import { type LoadStream, openLoadStream } from '../../../test/fake/load-stream.ts';
import { cluster } from '../../../test/fake/resources.ts';
import type { ClientLimits } from '../../client-limits.ts';
import { systemClock } from '../../clock.ts';

const [invalidArgument, deadlineExceeded, permissionDenied, resourceExhausted, unavailable] = [3, 4, 7, 8, 14];

const served = [cluster('a'), cluster('b')];
const node = (id: string, group = 'default') => ({ id, cluster: group });
const stats = (name: string, requests: number) => ({
  cluster_name: name,
  upstream_locality_stats: [{ total_successful_requests: requests, total_issued_requests: requests }],
  load_report_interval: { seconds: 1 },
});
/** As an Envoy begins. */
function begin(address: string, id: string): LoadStream {
  const stream = openLoadStream(address);
  stream.send({ node: node(id) });
  return stream;
}

describe('load reports', () => {
  test('are asked for all clusters, and added up over the Envoys of a group', async () => {
    await using started = await startAdsServer(served);
    const { load } = started.server;
    using one = begin(started.address, 'one');
    using two = begin(started.address, 'two');
    await waitFor('both are asked', () => one.answers.length + two.answers.length === 2);
    assert.deepEqual(one.answers[0], { send_all_clusters: true, load_reporting_interval: { seconds: '10' } });
    one.send({ node: node('one'), cluster_stats: [stats('a', 90), stats('b', 10)] });
    two.send({ cluster_stats: [stats('a', 9), stats('of-nobody', 7)] });
    await waitFor('all is counted', () => load.cost().reports === 4);
    assert.deepEqual([load.total('default', 'a').succeeded, load.total('default', 'b').succeeded, load.total('default', 'of-nobody').succeeded], [99, 10, 0]);
    assert.deepEqual(load.reporters('default', systemClock.steady()), ['one', 'two']);
  });

  test('that an Envoy saved up while the server was away are counted once', async () => {
    await using started = await startAdsServer(served);
    const { load } = started.server;
    {
      using first = begin(started.address, 'one');
      first.send({ cluster_stats: [stats('a', 5)] });
      await waitFor('it is counted', () => load.total('default', 'a').succeeded === 5);
    }
    // As an Envoy does: the first message of the new stream has what was not reported yet.
    using second = openLoadStream(started.address);
    second.send({ node: node('one'), cluster_stats: [stats('a', 7)] });
    await waitFor('it is asked again', () => second.answers.length === 1);
    assert.equal(load.total('default', 'a').succeeded, 12);
  });

  test('of a group that does not exist are taken and not kept', async () => {
    await using started = await startAdsServer(served);
    using stream = openLoadStream(started.address);
    stream.send({ node: node('one', 'nobody'), cluster_stats: [stats('a', 5)] });
    await waitFor('it is asked', () => stream.answers.length === 1);
    assert.deepEqual([started.server.load.cost().reports, started.server.load.reporters('nobody', systemClock.steady())], [0, []]);
  });

  test('end with UNAVAILABLE when the server stops', async () => {
    await using started = await startAdsServer(served);
    using stream = begin(started.address, 'one');
    await waitFor('it is asked', () => stream.answers.length === 1);
    await started.server.stop(200);
    assert.equal((await stream.ended).code, unavailable);
  });

  const refusals: readonly {
    readonly name: string;
    readonly limits?: Partial<ClientLimits>;
    readonly does: (stream: LoadStream) => void;
    readonly code: number;
  }[] = [
    { name: 'no first message', limits: { firstRequestMs: 100 }, does: () => undefined, code: deadlineExceeded },
    { name: 'a node without a name', does: (stream) => stream.send({ node: { cluster: 'default' } }), code: invalidArgument },
    { name: 'bytes that are no message', does: (stream) => stream.sendBytes(Buffer.from([0x0a, 0x7f])), code: invalidArgument },
    { name: 'a name without end', does: (stream) => stream.send({ node: node('n'.repeat(2000)) }), code: resourceExhausted },
    {
      name: 'a message that is too large',
      limits: { requestBytes: 70_000 },
      does: (stream) => stream.send({ node: node('one'), cluster_stats: [{ cluster_name: 'c'.repeat(100_000) }] }),
      code: resourceExhausted,
    },
  ];
  for (const { name, limits = {}, does, code } of refusals) {
    test(`${name} ends the stream`, async () => {
      await using started = await startAdsServer(served, { clientLimits: limits });
      using stream = openLoadStream(started.address);
      does(stream);
      assert.equal((await stream.ended).code, code);
    });
  }

  test('may be told for the group of the certificate only', async () => {
    const { keyFiles, tls } = await groupClient('other');
    await using started = await startAdsServer(served, { keyFiles });
    using stream = openLoadStream(started.address, tls);
    stream.send({ node: node('one'), cluster_stats: [stats('a', 1)] });
    assert.equal((await stream.ended).code, permissionDenied);
    assert.equal(started.server.load.total('default', 'a').succeeded, 0);
    using own = openLoadStream(started.address, tls);
    own.send({ node: node('one', 'other') });
    await waitFor('its own group is taken', () => own.answers.length === 1);
  });
});
