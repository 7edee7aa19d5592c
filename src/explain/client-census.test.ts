import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, clientCensus } from './client-census.ts';

describe('the client of a line', () => {
  const lines: readonly (readonly [line: string, address: string | undefined])[] = [
    ['{"bytes_sent":2,"client":"203.0.113.7","status":200}', '203.0.113.7'],
    ['[pod/envoy-1/envoy] {"client":"2001:db8::7"}', '2001:db8::7'],
    ['{"remote_addr":"203.0.113.7"}', '203.0.113.7'],
    ['time=2026-11-26T10:00:00Z client=203.0.113.7 method=GET path="/client=1.2.3.4"', '203.0.113.7'],
    ['203.0.113.7 - - [26/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 2', '203.0.113.7'],
    ['{"client":7}', undefined],
    ['{"client":', undefined],
    ['[2026-11-26 10:00:00.000][1][warning] client=unknown', undefined],
    ['', undefined],
  ];
  for (const [line, address] of lines) test(`${JSON.stringify(line)} is ${address}`, () => assert.equal(addressOf(line), address));
});

describe('clients are doubted', () => {
  const many = (count: number, each: number): [string, number][] => Array.from({ length: count }, (_, index) => [`203.0.${index >> 8}.${index & 255}`, each]);
  const cases: readonly (readonly [what: string, counts: readonly [string, number][], nodes: readonly string[], signs: readonly string[]])[] = [
    ['not where there are many', many(100, 20), ['10.0.0.0/8'], []],
    ['not where too little is known', many(3, 10), [], []],
    ['where hardly any are different', [...many(3, 400), ['198.51.100.1', 1]], [], ['few']],
    ['where load balancers in FullNAT mode have their addresses', [...many(100, 5), ['100.64.3.9', 90]], [], ['shared']],
    ['not for one of such addresses among many', [...many(100, 5), ['100.64.3.9', 5]], [], []],
    ['where nodes connect', [...many(100, 5), ['10.0.0.1', 90], ['fd00::1', 90]], ['10.0.0.0/8', 'fd00::/8'], ['nodes']],
  ];
  for (const [what, counts, nodes, signs] of cases) {
    test(what, () => {
      const { doubts } = clientCensus(new Map(counts), nodes);
      assert.deepEqual(
        doubts.map(({ sign }) => sign),
        signs,
      );
    });
  }

  test('with their numbers, and the largest first', () => {
    const census = clientCensus(new Map([...many(100, 5), ['100.64.3.9', 90], ['100.127.0.1', 10]]), []);
    assert.deepEqual([census.requests, census.addresses, census.largest.length], [600, 102, 10]);
    assert.deepEqual(census.largest.slice(0, 2), [
      { address: '100.64.3.9', requests: 90 },
      { address: '100.127.0.1', requests: 10 },
    ]);
    assert.deepEqual(census.doubts, [{ sign: 'shared', requests: 100, addresses: 2 }]);
  });
});
