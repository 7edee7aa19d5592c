import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startAdsServer } from '../../../test/fake/ads-server.ts';
import { clientReport } from '../../../test/fake/client-report.ts';
import { groupClient } from '../../../test/fake/group-client.ts';
import { sendReport } from '../../../test/fake/otlp-client.ts';
import { listener } from '../../../test/fake/resources.ts';
import type { ClientLimits } from '../../client-limits.ts';
import { systemClock } from '../../clock.ts';
import type { AdsServerOptions } from '../server.ts';

const [ok, invalidArgument, permissionDenied, resourceExhausted] = [0, 3, 7, 8];

async function start(options: Partial<AdsServerOptions> = {}) {
  const served = listener('default/80', 8080);
  const started = await startAdsServer([served], options);
  const { clock = systemClock } = options;
  const counts = (name = 'default/80', group = 'default') =>
    Object.fromEntries(started.server.clients.tally({ group, listener: name, version: served.version }, clock.steady())?.counts ?? []);
  return { ...started, counts };
}

const report = (node: string, group = 'default', name = 'default/80'): Buffer =>
  clientReport({ node, group, listener: name, texts: ['203.0.113.7 203.0.113.7 via_upstream', '203.0.113.8 10.0.0.1 via_upstream'] });

describe('reports of clients', () => {
  test('are remembered for listeners that the group is served, of every Envoy', async () => {
    await using started = await start();
    const reports = [report('one'), report('two'), report('one', 'nobody'), report('one', 'default', 'default/81')];
    for (const one of reports) assert.equal((await sendReport('clients', started.address, one)).code, ok);
    assert.deepEqual(started.counts(), { '203.0.113.7': 2, '203.0.113.8': 2 });
    assert.deepEqual([started.counts('default/80', 'nobody'), started.counts('default/81')], [{}, {}]);
  });

  const refusals: readonly { readonly name: string; readonly limits?: Partial<ClientLimits>; readonly sent: Buffer; readonly code: number }[] = [
    { name: 'without a node', sent: report(''), code: invalidArgument },
    { name: 'that is no message', sent: Buffer.from([0x0a, 0x7f]), code: invalidArgument },
    { name: 'of a node without end', sent: report('n'.repeat(2000)), code: resourceExhausted },
    { name: 'that is too large', limits: { requestBytes: 100 }, sent: report('one'), code: resourceExhausted },
  ];
  for (const { name, limits = {}, sent, code } of refusals) {
    test(`one ${name} is refused`, async () => {
      await using started = await start({ clientLimits: limits });
      assert.equal((await sendReport('clients', started.address, sent)).code, code);
      assert.deepEqual(started.counts(), {});
    });
  }

  test('are refused unread where they are too many', async () => {
    // The limit is 8 MiB at once: two reports, each of 5, at the same moment.
    await using started = await start({ clock: { ...systemClock, steady: () => 0 } });
    const large = clientReport({ node: 'one', group: 'default', listener: 'default/80', texts: ['203.0.113.7 - -', '-'.repeat(5 * 1024 * 1024)] });
    assert.equal((await sendReport('clients', started.address, large)).code, ok);
    assert.deepEqual(await sendReport('clients', started.address, large), { code: resourceExhausted, details: 'more than 1024 KiB of clients a second' });
    assert.deepEqual(started.counts(), { '203.0.113.7': 1 });
  });

  test('may be told for the group of the certificate only', async () => {
    const { keyFiles, tls } = await groupClient('other');
    await using started = await start({ keyFiles });
    assert.equal((await sendReport('clients', started.address, report('one'), tls)).code, permissionDenied);
    assert.deepEqual(started.counts(), {});
    assert.equal((await sendReport('clients', started.address, report('one', 'other'), tls)).code, ok);
  });
});
