import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAdsServer } from '../../../test/fake/ads-server.ts';
import { groupClient } from '../../../test/fake/group-client.ts';
import { latencyReport } from '../../../test/fake/latency-report.ts';
import { sendReport } from '../../../test/fake/otlp-client.ts';
import { cluster } from '../../../test/fake/resources.ts';
import type { ClientLimits } from '../../client-limits.ts';
import { systemClock } from '../../clock.ts';
import { latencyBoundsMs } from '../../latency-bounds.ts';

const [ok, invalidArgument, permissionDenied, resourceExhausted] = [0, 3, 7, 8];

const served = [cluster('a'), cluster('backend:b')];

const counts = latencyBoundsMs.map((bound) => (bound === 100 ? 10 : 0));
const point = { bounds: latencyBoundsMs, counts: [...counts, 0] };
const metrics = Object.fromEntries(['a', 'backend_b', 'of-nobody'].map((name) => [`cluster.${name}.upstream_rq_time`, point]));
const report = (node: string, group: string): Buffer => latencyReport({ node, group, metrics });

describe('latency reports', () => {
  test('are added up for the clusters that the group is served, of every Envoy', async () => {
    await using started = await startAdsServer(served);
    assert.equal((await sendReport('latencies', started.address, report('one', 'default'))).code, ok);
    assert.equal((await sendReport('latencies', started.address, report('two', 'default'))).code, ok);
    assert.equal((await sendReport('latencies', started.address, report('one', 'nobody'))).code, ok);
    const { latency } = started.server;
    const found = ['a', 'backend:b', 'of-nobody'].map((name) => latency.cluster('default', name, Number.NEGATIVE_INFINITY));
    const expected = { count: 20, p50Ms: 85, p95Ms: 98.5, p99Ms: 99.7 };
    assert.deepEqual(found, [expected, expected, undefined]);
    assert.equal(latency.cluster('nobody', 'a', Number.NEGATIVE_INFINITY), undefined);
  });

  const refusals: readonly { readonly name: string; readonly limits?: Partial<ClientLimits>; readonly sent: Buffer; readonly code: number }[] = [
    { name: 'without a node', sent: report('', 'default'), code: invalidArgument },
    { name: 'that is no message', sent: Buffer.from([0x0a, 0x7f]), code: invalidArgument },
    { name: 'of a node without end', sent: report('n'.repeat(2000), 'default'), code: resourceExhausted },
    { name: 'that is too large', limits: { requestBytes: 200 }, sent: report('one', 'default'), code: resourceExhausted },
  ];
  for (const { name, limits = {}, sent, code } of refusals) {
    test(`one ${name} is refused`, async () => {
      await using started = await startAdsServer(served, { clientLimits: limits });
      assert.equal((await sendReport('latencies', started.address, sent)).code, code);
      assert.equal(started.server.latency.cost().reports, 0);
    });
  }

  test('are refused unread where they are too many', async () => {
    // The limit is 64 MiB at once: two reports, each of 40, at the same moment.
    await using started = await startAdsServer(served, { clock: { ...systemClock, steady: () => 0 } });
    const name = 'of-nobody'.padEnd(40 * 1024 * 1024, '-');
    const large = latencyReport({ node: 'one', group: 'default', metrics: { [name]: point } });
    assert.equal((await sendReport('latencies', started.address, large)).code, ok);
    assert.deepEqual(await sendReport('latencies', started.address, large), { code: resourceExhausted, details: 'more than 16384 KiB of latencies a second' });
  });

  test('may be told for the group of the certificate only', async () => {
    const { keyFiles, tls } = await groupClient('other');
    await using started = await startAdsServer(served, { keyFiles });
    assert.equal((await sendReport('latencies', started.address, report('one', 'default'), tls)).code, permissionDenied);
    assert.equal(started.server.latency.cost().reports, 0);
    assert.equal((await sendReport('latencies', started.address, report('one', 'other'), tls)).code, ok);
  });
});
