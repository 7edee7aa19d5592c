import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { listener } from '../../test/fake/representation.ts';
import { listener as served, snapshotOf } from '../../test/fake/resources.ts';
import type { ClientAddress, Group } from '../ir/gateway.ts';
import { type ClientTally, createClientLedger } from '../load/client-ledger.ts';
import { createClientWatch, hiddenClients } from './hidden-clients.ts';

const groupOf = (clientAddress: ClientAddress): Group => ({
  name: 'default',
  listeners: [listener({ clientAddress })],
  routeConfigurations: [],
  backends: [],
  secrets: [],
});
const peers = groupOf({ mode: 'Peer' });
const headers = groupOf({ mode: 'XForwardedFor', trustedCidrs: ['10.0.0.0/8'], believesOthers: true });
const proxies = groupOf({ mode: 'ProxyProtocol', optional: false });

const many = (count: number): [string, number][] => Array.from({ length: count }, (_, index) => [`203.0.${index >> 8}.${index & 255}`, 1]);
function tally(counts: readonly (readonly [string, number])[], ofPeers = 0): ClientTally {
  return { counts: new Map(counts), ofPeers };
}
const found = (group: Group, clients: ClientTally | undefined, nodes: readonly string[] = []) => hiddenClients([group], () => clients, nodes);

describe('clients that are hidden', () => {
  const cases: readonly (readonly [what: string, clients: ClientTally | undefined, nodes: readonly string[], message: RegExp | undefined])[] = [
    ['nothing is said where nothing is known', undefined, [], undefined],
    ['nor where there are many', tally(many(1000)), ['10.0.0.0/8'], undefined],
    ['nor of few requests', tally([['100.64.3.9', 99]]), [], undefined],
    ['nor that there are few clients of some hundred', tally([['203.0.113.7', 999]]), [], undefined],
    [
      'load balancers in FullNAT mode are told',
      tally([...many(90), ['100.64.3.9', 10]]),
      [],
      /port 80 of group default come from 100\.64\.0\.0\/10: .* Lists of addresses/,
    ],
    ['nodes are told', tally([...many(50), ['10.0.0.1', 50]]), ['10.0.0.0/8'], /come from nodes/],
    ['few clients are told', tally([['203.0.113.7', 1000]]), [], /come nearly all from 20 addresses or fewer/],
    ['the clearest sign alone', tally([['100.64.3.9', 1000]]), ['100.64.3.0/24'], /100\.64\.0\.0\/10/],
  ];
  for (const [what, clients, nodes, message] of cases) {
    test(what, () => {
      const [one, ...others] = found(peers, clients, nodes);
      assert.deepEqual(others, []);
      if (!message) return assert.equal(one, undefined);
      assert.match(one?.message ?? '', message);
      assert.deepEqual([one?.code, one?.severity, one?.at], ['ClientsHidden', 'warning', { object: 'Gateway shop/edge' }]);
      assert.doesNotMatch(one?.message ?? '', /203\.0|100\.64\.3|10\.0\.0/, 'no address of a client is told');
    });
  }

  const full = tally([['100.64.3.9', 1000]], 1000);
  const remedies: readonly (readonly [what: string, group: Group, clients: ClientTally, nodes: readonly string[], remedy: RegExp])[] = [
    ['by the PROXY protocol behind load balancers in FullNAT mode', peers, full, [], /^Switch the PROXY protocol on .*`use-proxy-protocol`/],
    [
      'by externalTrafficPolicy behind nodes',
      peers,
      tally([['10.0.0.1', 1000]]),
      ['10.0.0.0/8'],
      /^Say `externalTrafficPolicy: Local` in the Service of the Envoys\. /,
    ],
    ['by any of them where it is not clear', peers, tally([['203.0.113.7', 1000]]), [], /^Say `externalTrafficPolicy: Local`.*PROXY protocol.*X-Forwarded-For/],
    ['by trust in those that connect', headers, full, [], /^Those that connect are not trusted: .*`proxy-real-ip-cidr`/],
    ['by trust in those that the header names', headers, tally([['100.64.3.9', 1000]], 10), [], /^The header names a proxy/],
    ['by a header from the first load balancer', proxies, full, [], /^The PROXY header names/],
  ];
  for (const [what, group, clients, nodes, remedy] of remedies) {
    test(`are shown ${what}, or the warning is switched off`, () => {
      const [one] = found(group, clients, nodes);
      assert.match(one?.remedy ?? '', remedy);
      assert.match(one?.remedy ?? '', /`clientCensus: \{samplePercent: 0\}` in the GatewayConfig\.$/);
    });
  }
});

test('clients are judged every ten seconds, of the listener that is served now', () => {
  const clock = createFakeClock();
  const ledger = createClientLedger();
  let resource = served('default/80', 8080);
  let changes = 0;
  const engine = {
    groups: () => ['default', 'gone'],
    group: (name: string) => (name === 'default' ? peers : undefined),
    written: () => snapshotOf('default', [resource]),
  };
  const watch = createClientWatch({ engine, ledger, clock, nodes: [], onChange: () => (changes += 1) });
  const take = (address: string): void =>
    ledger.take(
      { group: 'default', listener: 'default/80', version: resource.version },
      Array.from({ length: 100 }, () => ({ address, isPeer: true })),
      clock.steady(),
    );
  take('100.64.3.9');
  assert.deepEqual(watch.diagnostics(), []);
  clock.advance(10_000);
  assert.deepEqual([watch.diagnostics().length, changes], [1, 1]);
  take('100.64.3.9');
  clock.advance(10_000);
  assert.deepEqual([watch.diagnostics().length, changes], [1, 1]);
  resource = served('default/80', 8081);
  clock.advance(10_000);
  assert.deepEqual([watch.diagnostics().length, changes], [0, 2]);
  take('100.64.3.9');
  watch.stop();
  clock.advance(10_000);
  assert.deepEqual(watch.diagnostics(), []);
});
