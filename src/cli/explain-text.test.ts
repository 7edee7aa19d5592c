import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTerminal } from '../../test/fake/terminal.ts';
import type { Explanation } from '../explain/explanation.ts';
import { explainText } from './explain-text.ts';

const { terminal } = fakeTerminal();
const at = (line: number, object: string) => [{ object, file: 'shop.yaml', line, column: 3 }];

const found: Explanation = {
  group: 'default',
  request: {
    method: 'GET',
    scheme: 'https',
    host: 'shop.example.com',
    port: 443,
    path: '/a',
    query: 'x=1',
    isGrpc: false,
    writtenPath: '/b/../a',
    droppedHeaders: ['x_y'],
  },
  listener: {
    name: 'default/443',
    address: '0.0.0.0',
    port: 8443,
    writtenPort: 443,
    filterChain: 'shop.example.com',
    certificates: ['default/shop'],
    origins: at(4, 'Gateway default/edge'),
  },
  client: { address: '10.0.0.1', by: 'peer', peer: '10.0.0.1', overlooked: '203.0.113.7' },
  virtualHost: { routeConfiguration: 'default/443', name: 'shop.example.com', domain: 'shop.example.com', origins: [] },
  route: { name: 'default/shop/0', triedBefore: 2, conditions: ['path prefix /a', 'header x-tester = yes'], origins: at(20, 'HTTPRoute default/shop') },
  filters: [
    { name: 'cors', state: 'off' },
    { name: 'csrf', state: 'route' },
    { name: 'router', state: 'on' },
  ],
  outcome: {
    type: 'forward',
    shares: [
      {
        cluster: 'default/shop/http',
        percent: 90,
        headers: [{ of: 'request', does: 'set', name: 'x-share', value: 'a' }],
        state: 'served',
        endpoints: [
          { address: '10.1.0.1:80', health: 'healthy', weight: 1, zone: 'a' },
          { address: '10.1.0.2:80', health: 'draining', weight: 1 },
        ],
        settings: [
          { field: 'loadBalancer.type', value: 'Maglev', from: 'written', origin: { file: 'shop.yaml', line: 40, column: 3 } },
          { field: 'loadBalancer.hashOn', value: ['header x-user'], from: 'written', origin: { file: 'shop.yaml', line: 40, column: 3 } },
          { field: 'panicThresholdPercent', value: 50, from: 'default' },
        ],
        origins: [...at(25, 'HTTPRoute default/shop'), ...at(30, 'Service default/shop'), { object: 'BackendPolicy default/shop' }],
      },
      { cluster: 'sluice/unresolved', percent: 10, state: 'unresolved', endpoints: [], settings: [], origins: [] },
    ],
    newPath: '/new',
    headers: [
      { of: 'request', does: 'remove', name: 'x-old' },
      { of: 'request', does: 'add', name: 'x-new', value: '1' },
      { of: 'response', does: 'set', name: 'x-back', value: '2' },
    ],
    told: [
      { name: 'x-real-ip', value: '10.0.0.1' },
      { name: 'x-forwarded-for', value: '10.0.0.1' },
    ],
    mirrors: [{ cluster: 'default/copy/http', percent: 5 }],
    timeoutMs: 0,
    endsAtDeadline: false,
    streamIdleMs: 300_000,
    perTryIdleMs: 60_000,
    retry: { on: ['connect-failure'], count: 3 },
    settings: [
      { field: 'retries.count', value: 3, from: 'default' },
      { field: 'retries.onIdempotent', value: [], from: 'default' },
      { field: 'retries.on', value: ['connect-failure'], from: 'written', origin: { object: 'TrafficPolicy default/shop', field: 'spec.retries.on' } },
    ],
  },
  nearMisses: [],
};

test('a request is walked to its endpoints, each step with its origin', () => {
  assert.equal(
    explainText(terminal, found),
    `GET https://shop.example.com/a?x=1
  written as /b/../a, normalised
  headers dropped since they hold an underscore: x_y
listener      default/443 on 0.0.0.0:8443 for port 443, chain shop.example.com, TLS by default/shop  (shop.yaml:4:3 Gateway default/edge)
peer          10.0.0.1
client        10.0.0.1, as the connection says: lists, limits and hashes look at it
              203.0.113.7 is not seen: nothing that 10.0.0.1 says of it is believed
virtual host  shop.example.com by shop.example.com, in default/443
route         default/shop/0, after 2 that do not fit  (shop.yaml:20:3 HTTPRoute default/shop)
              path prefix /a
              header x-tester = yes
filters       csrf (by the route), router
cluster       default/shop/http 90%  (shop.yaml:25:3 HTTPRoute default/shop)
              made of shop.yaml:30:3 Service default/shop, BackendPolicy default/shop
              request: set x-share: a
              10.1.0.1:80  healthy  weight 1  zone a
              10.1.0.2:80  draining  weight 1
              loadBalancer: type Maglev, hashOn header x-user  (shop.yaml:40:3)
              panicThresholdPercent: 50  (default)
cluster       sluice/unresolved 10%
              answered with 500: its reference leads to nothing
copy          5% to default/copy/http
new path      /new
headers       request: remove x-old, add x-new: 1
              response: set x-back: 2
backend sees  x-real-ip: 10.0.0.1
              x-forwarded-for: 10.0.0.1
time limits   no limit for the request, 5m of silence, 1m of silence of a backend
retries       up to 3 on connect-failure
settings      retries: on connect-failure  (TrafficPolicy default/shop spec.retries.on)
              retries: count 3, onIdempotent nothing  (default)`,
  );
});

test('an answer of Envoy to a gRPC request is told to look different', () => {
  assert.match(explainText(terminal, { ...found, request: { ...found.request, isGrpc: true } }), /HTTP status 200 and a grpc-status/);
});

const { route: _route, ...noRoute } = found;
test('a 404 tells the nearest misses and why each failed', () => {
  const text = explainText(terminal, {
    ...noRoute,
    filters: [],
    outcome: { type: 'answer', status: 404, reason: 'no route' },
    nearMisses: [
      {
        virtualHost: '*',
        route: 'default/shop/0',
        failures: [
          { part: 'path', wanted: 'path prefix /a', got: '/b' },
          { part: 'header', wanted: 'header x-tester = yes' },
        ],
        origins: at(20, 'HTTPRoute default/shop'),
      },
    ],
  });
  assert.ok(
    text.endsWith(`answer        404: no route fits
near miss     default/shop/0 of *  (shop.yaml:20:3 HTTPRoute default/shop)
              needs path prefix /a, got /b
              needs header x-tester = yes, which is missing`),
    text,
  );
});

const endings: readonly (readonly [Explanation['outcome'], string])[] = [
  [{ type: 'redirect', status: 301, location: 'https://shop.example.com/' }, 'redirect      301 to https://shop.example.com/'],
  [{ type: 'answer', status: 500, reason: 'route', body: 'sorry' }, 'answer        500, as the route says: sorry'],
  [{ type: 'answer', status: 404, reason: 'no virtual host' }, 'answer        404: no virtual host has this host name'],
  [{ type: 'refused', reason: 'Nobody listens on port 81.' }, 'refused       Nobody listens on port 81.'],
];
for (const [outcome, line] of endings) {
  test(`the end of the way: ${line}`, () =>
    assert.equal(
      explainText(terminal, { ...found, filters: [], outcome })
        .split('\n')
        .at(-1),
      line,
    ));
}
