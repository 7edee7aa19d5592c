import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forward, listener, route, routeConfiguration, share } from '../../test/fake/representation.ts';
import type { HashInput } from '../ir/backend.ts';
import type { ClientAddress, Group, Listener } from '../ir/gateway.ts';
import type { Route } from '../ir/route.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { resource } from '../xds/encode.ts';
import { listenerResource } from '../xds/listener.ts';
import { routeResource } from '../xds/route.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explanation.ts';

const origins = [{ object: 'Service shop/web', file: 'shop.yaml', line: 3 }];

function groupOf(routes: readonly Route[], domains: readonly string[], fields: Partial<Listener>): Group {
  return { name: 'default', listeners: [listener(fields)], routeConfigurations: [routeConfiguration(routes, domains)], backends: [], secrets: [] };
}

function snapshotOf(group: Group): Snapshot {
  const [first = listener()] = group.listeners;
  const endpoint = (address: string, health_status: 'HEALTHY' | 'DRAINING') => ({
    endpoint: { address: { socket_address: { address, port_value: 80 } } },
    health_status,
    load_balancing_weight: { value: 2 },
  });
  const resources: Resource[] = [
    ...group.listeners.map(listenerResource),
    ...group.routeConfigurations.map((each) => routeResource(each, first)),
    resource('clusters', 'shop/web/80', { name: 'shop/web/80', type: 'EDS' }, origins),
    resource(
      'endpoints',
      'shop/web/80',
      {
        cluster_name: 'shop/web/80',
        endpoints: [{ locality: { zone: 'a' }, lb_endpoints: [endpoint('10.0.0.1', 'HEALTHY'), endpoint('fd00::1', 'DRAINING')] }],
      },
      origins,
    ),
  ];
  const byType = resourceTypes.map((type) => [type, new Map(resources.filter((each) => each.type === type).map((each) => [each.name, each]))]);
  return { group: group.name, revision: 'r', resources: Object.fromEntries(byType) as Record<ResourceType, ResourceMap> };
}

interface Asked {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly clientIp?: string;
  readonly peer?: string;
  readonly domains?: readonly string[];
  readonly listener?: Partial<Listener>;
}

function ask(routes: readonly Route[], url: string, { method = 'GET', headers = [], domains = ['*'], listener: fields = {}, ...who }: Asked = {}): Explanation {
  const group = groupOf(routes, domains, fields);
  return explain(snapshotOf(group), group, { method, url, headers, ...who });
}

const web = route('web', { type: 'pathPrefix', value: '/shop' });

describe('a request that is forwarded', () => {
  const split = route('split', { type: 'pathPrefix', value: '/shop' }, { action: forward({ backends: [share('shop/web/80', 9), share(undefined, 1)] }) });

  test('has its side of a sticky split told where the request says enough', () => {
    const side = (stickyOn: HashInput, asked: Asked) => {
      const action = forward({ backends: [share('shop/web/80', 7), share(undefined, 3)], stickyOn });
      const { outcome } = ask([route('split', { type: 'pathPrefix', value: '/shop' }, { action })], 'http://shop.test/shop', asked);
      assert.ok(outcome.type === 'forward');
      assert.deepEqual(outcome.shares.map(({ percent }) => Math.round(percent)).sort(), [30, 70]);
      return outcome.sticky;
    };
    const byCookie: HashInput = { type: 'cookie', name: 'side' };
    assert.deepEqual(side(byCookie, {}), { by: 'cookie side' });
    assert.deepEqual(side(byCookie, { headers: [['cookie', 'side=; other=1']] }), { by: 'cookie side' });
    const user = side(byCookie, { headers: [['Cookie', 'other=1; side=user1']] });
    // xxHash64 of `user1`, modulo a million.
    assert.deepEqual(user, { by: 'cookie side', value: 'user1', place: { place: 723_751, of: 1_000_000, cluster: user?.place?.cluster } });
    const byHeader: HashInput = { type: 'header', name: 'x-user' };
    assert.equal(side(byHeader, { headers: [['X-User', 'user1']] })?.place?.place, 723_751);
    const [one, other] = [['a', 'b'] as const, ['b', 'a'] as const].map((values) => side(byHeader, { headers: values.map((value) => ['x-user', value]) }));
    assert.deepEqual(one?.place, other?.place);
    assert.deepEqual(side({ type: 'clientAddress' }, {}), { by: 'client address' });
    assert.equal(side({ type: 'clientAddress' }, { clientIp: '127.0.0.1' })?.place?.place, 698_471);
  });

  test('has its listener, its route with its origin, its shares and endpoints', () => {
    const { listener: step, virtualHost, route: found, outcome } = ask([split], 'http://shop.test/shop/cart');
    assert.deepEqual([step?.port, step?.writtenPort], [8080, 80]);
    assert.equal(virtualHost?.origins[0]?.object, 'Gateway shop/edge');
    assert.equal(found?.origins[0]?.object, 'HTTPRoute shop/split');
    assert.deepEqual(found?.conditions, ['path prefix /shop']);
    assert.ok(outcome.type === 'forward');
    assert.deepEqual(
      outcome.shares.map(({ percent, state }) => [percent, state]),
      [
        [90, 'served'],
        [10, 'unresolved'],
      ],
    );
    assert.deepEqual(outcome.shares[0]?.endpoints, [
      { address: '10.0.0.1:80', health: 'healthy', weight: 2, zone: 'a' },
      { address: '[fd00::1]:80', health: 'draining', weight: 2, zone: 'a' },
    ]);
    assert.deepEqual(outcome.shares[0]?.origins, origins);
  });

  test('without the representation all is told but the origins of the route', () => {
    const snapshot = snapshotOf(groupOf([split], ['*'], {}));
    const request = { method: 'GET', url: 'http://shop.test/shop/cart', headers: [] };
    const { origins: _known, ...route } = ask([split], request.url).route ?? { origins: [] };
    const stored = explain(snapshot, undefined, request);
    assert.deepEqual(stored.route, { ...route, origins: [] });
    assert.deepEqual([stored.listener?.port, stored.listener?.writtenPort, stored.virtualHost?.origins], [8080, 80, []]);
    assert.ok(stored.outcome.type === 'forward');
    assert.deepEqual(stored.outcome.shares[0]?.origins, origins);
  });

  test('is found by the bound port as well', () => {
    assert.equal(ask([split], 'http://shop.test:8080/shop').outcome.type, 'forward');
  });

  test('says what changes on the way', () => {
    const rewritten = route(
      'rewritten',
      { type: 'pathPrefix', value: '/shop' },
      {
        action: forward({
          rewrite: { host: 'inner.test', path: { type: 'prefix', value: '/' } },
          mirrors: [{ cluster: 'shop/web/80', numerator: 1, denominator: 4, origins: [] }],
          timeouts: { requestMs: 1500 },
          retry: { on: ['connect-failure'], onIdempotent: [], statusCodes: [503], count: 2, backoffBaseMs: 25, backoffMaxMs: 250 },
        }),
        requestHeaders: { set: [{ name: 'a', value: '1%' }], add: [{ name: 'b', value: '2' }], remove: ['c'] },
      },
    );
    const { outcome } = ask([rewritten], 'http://shop.test/shop/a?b=1');
    assert.ok(outcome.type === 'forward');
    assert.equal(outcome.newPath, '/a?b=1');
    assert.equal(outcome.newHost, 'inner.test');
    assert.deepEqual(outcome.headers, [
      { of: 'request', does: 'remove', name: 'c' },
      { of: 'request', does: 'set', name: 'a', value: '1%' },
      { of: 'request', does: 'add', name: 'b', value: '2' },
      { of: 'request', does: 'set', name: 'x-envoy-original-path', value: '%REQ(:PATH)%' },
    ]);
    assert.equal(outcome.shares[0]?.headers, undefined);
    assert.deepEqual(outcome.mirrors, [{ cluster: 'shop/web/80', percent: 25 }]);
    assert.equal(outcome.timeoutMs, 1500);
    assert.deepEqual(outcome.retry, { on: ['connect-failure', 'retriable-status-codes'], count: 2 });
  });

  test('a limit for each try is no retry', () => {
    const retry = { on: ['connect-failure'], onIdempotent: [], statusCodes: [], count: 0, backoffBaseMs: 25, backoffMaxMs: 250 };
    const action = forward({ timeouts: { requestMs: 0, perTryIdleMs: 60_000 }, retry });
    const { outcome } = ask([route('once', { type: 'pathPrefix', value: '/shop' }, { action })], 'http://shop.test/shop');
    assert.ok(outcome.type === 'forward');
    assert.deepEqual([outcome.perTryIdleMs, outcome.retry], [60_000, undefined]);
  });
});

describe('a request that fits nothing', () => {
  test('is told the nearest misses and why each fails', () => {
    const tester = route('tester', { type: 'pathPrefix', value: '/shop' }, { match: { headers: [{ name: 'x-tester', type: 'exact', value: 'yes' }] } });
    const post = route('post', { type: 'exact', value: '/shop/cart' }, { match: { method: 'POST', query: [{ name: 'q', type: 'present' }] } });
    const far = route('far', { type: 'pathPrefix', value: '/admin' }, { match: { method: 'PUT', query: [{ name: 'q', type: 'present' }] } });
    const other = route('other', { type: 'pathPrefix', value: '/shopping' });
    const { outcome, nearMisses } = ask([tester, post, far, other], 'http://shop.test/shop/cart', { headers: [['X-Tester', 'no']] });
    assert.deepEqual(outcome, { type: 'answer', status: 404, reason: 'no route' });
    assert.deepEqual(
      nearMisses.map(({ route: name, failures }) => [name, failures]),
      [
        ['tester', [{ part: 'header', wanted: 'header x-tester = yes', got: 'no' }]],
        [
          'post',
          [
            { part: 'method', wanted: 'method = POST', got: 'GET' },
            { part: 'query', wanted: 'query q present' },
          ],
        ],
        ['other', [{ part: 'path', wanted: 'path prefix /shopping', got: '/shop/cart' }]],
      ],
    );
    assert.equal(nearMisses[0]?.origins[0]?.object, 'HTTPRoute shop/tester');
  });

  test('is told that a client certificate is missing, and where the connection was opened for', () => {
    const good = route('good', { type: 'prefix', value: '/' }, { match: { clientCertificate: 'good' } });
    const none = route(
      'none',
      { type: 'prefix', value: '/' },
      { match: { clientCertificate: 'none', headers: [{ name: 'x-sluice-server-name', type: 'exact', value: 'a.test' }] } },
    );
    const { nearMisses } = ask([good, none], 'http://shop.test/shop');
    assert.deepEqual(
      nearMisses.map(({ failures }) => failures),
      [
        [{ part: 'certificate', wanted: 'a client certificate that is good', got: 'none' }],
        [{ part: 'header', wanted: 'header x-sluice-server-name = a.test' }],
      ],
    );
  });

  test('is told of the routes of its host before those of others', () => {
    const own = route('own', { type: 'exact', value: '/a' }, { match: { method: 'POST' } });
    const [host] = routeConfiguration([own], ['shop.test']).virtualHosts;
    const table = routeConfiguration([web]);
    const group: Group = { ...groupOf([], ['*'], {}), routeConfigurations: [{ ...table, virtualHosts: [...table.virtualHosts, ...(host ? [host] : [])] }] };
    const { nearMisses } = explain(snapshotOf(group), group, { method: 'GET', url: 'http://shop.test/shop', headers: [] });
    assert.deepEqual(
      nearMisses.map(({ route: name, failures }) => [name, failures.map(({ part }) => part)]),
      [
        ['own', ['path', 'method']],
        ['web', ['host']],
      ],
    );
  });

  test('is told of routes of other hosts', () => {
    const { outcome, nearMisses } = ask([web], 'http://shop.test/shop', { domains: ['a.test'] });
    assert.deepEqual(outcome, { type: 'answer', status: 404, reason: 'no virtual host' });
    assert.deepEqual(nearMisses[0]?.failures, [{ part: 'host', wanted: 'host a.test', got: 'shop.test' }]);
  });
});

describe('a connection', () => {
  const tls = { certificates: ['shop/cert'], minimumVersion: '1.2', alpn: ['h2'] } as const;
  const chain = (name: string, serverNames: readonly string[]) => ({ name, serverNames, tls, routeConfiguration: 'default/80', origins: [] });
  const https: Partial<Listener> = {
    name: 'default/443',
    port: 8443,
    writtenPort: 443,
    filterChains: [chain('a', ['a.test']), chain('wide', ['*.test']), chain('narrow', ['*.b.test'])],
  };
  const chains: readonly [url: string, chain: string | undefined][] = [
    ['https://a.test/shop', 'a'],
    ['https://x.a.test/shop', 'wide'],
    ['https://x.b.test/shop', 'narrow'],
    ['https://a.example/shop', ''],
    ['http://a.test:8443/shop', ''],
  ];
  for (const [url, expected] of chains) {
    test(`${url} takes the chain '${expected}'`, () => {
      const { listener: step, outcome } = ask([web], url, { listener: https });
      assert.equal(step?.filterChain, expected);
      assert.equal(outcome.type, expected === '' ? 'refused' : 'forward');
    });
  }

  test('to a port that nobody has is refused', () => {
    const reason = 'Nobody listens on port 81; the ports of the group are 8080 (for 80).';
    assert.deepEqual(ask([web], 'http://shop.test:81/').outcome, { type: 'refused', reason });
  });

  test('of a sidecar goes out by its outbound listener, whatever the port', () => {
    const outbound = { listener: { name: 'sidecar/a/b/15001', direction: 'outbound', port: 15001, writtenPort: 15001 } } as const;
    assert.equal(ask([web], 'http://catalog:8081/shop', outbound).listener?.port, 15001);
    assert.equal(ask([web], 'http://catalog/shop', outbound).outcome.type, 'forward');
  });

  test('needs a URL', () => {
    assert.equal(ask([web], 'ftp://x').outcome.type, 'refused');
  });
});

describe('the client', () => {
  const trusted: Partial<Listener> = {
    clientAddress: { mode: 'XForwardedFor', trustedCidrs: ['10.0.0.0/8'], believesOthers: true },
  };
  const proxied: Partial<Listener> = { clientAddress: { mode: 'ProxyProtocol', optional: false } };
  const [client, balancer] = ['203.0.113.7', '10.0.0.1'];
  const clients: readonly (readonly [fields: Partial<Listener>, asked: Asked, xff: string, step: Explanation['client']])[] = [
    [{}, { clientIp: balancer }, '1.2.3.4', { address: balancer, by: 'peer' }],
    [{}, { peer: balancer }, '1.2.3.4', { address: balancer, by: 'peer' }],
    [{}, { clientIp: client, peer: balancer }, '', { address: balancer, by: 'peer', peer: balancer, overlooked: client }],
    [trusted, { clientIp: balancer }, '', { address: balancer, by: 'peer' }],
    [trusted, { clientIp: balancer }, '1.2.3.4', { address: '1.2.3.4', by: 'x-forwarded-for' }],
    [trusted, { clientIp: balancer }, '6.6.6.6, 1.2.3.4, 10.0.0.9', { address: '1.2.3.4', by: 'x-forwarded-for' }],
    [trusted, { clientIp: balancer }, '6.6.6.6:1, [10::1]:80, 10.0.0.9, 10.0.0.8:80', { address: '10::1', by: 'x-forwarded-for' }],
    [trusted, { clientIp: balancer }, '1.2.3.4, unknown', { address: balancer, by: 'peer' }],
    [trusted, { clientIp: '9.9.9.9' }, '1.2.3.4:80', { address: '9.9.9.9', by: 'peer' }],
    [trusted, { clientIp: client, peer: balancer }, '', { address: client, by: 'x-forwarded-for', peer: balancer }],
    [trusted, { clientIp: client, peer: balancer }, '1.2.3.4', { address: client, by: 'x-forwarded-for', peer: balancer }],
    [trusted, { clientIp: client, peer: '9.9.9.9' }, '', { address: '9.9.9.9', by: 'peer', peer: '9.9.9.9', overlooked: client }],
    [proxied, { clientIp: client, peer: balancer }, '1.2.3.4', { address: client, by: 'proxy-protocol', peer: balancer }],
  ];
  for (const [fields, asked, xff, step] of clients) {
    test(`of ${JSON.stringify(asked)} with X-Forwarded-For ${JSON.stringify(xff)} (${fields.clientAddress?.mode ?? 'Peer'})`, () => {
      const headers = xff === '' ? [] : ([['x-forwarded-for', xff]] as const);
      assert.deepEqual(ask([web], 'http://shop.test/shop', { listener: fields, ...asked, headers }).client, step);
    });
  }

  test('is refused behind a peer whose PROXY header is not taken', () => {
    const fields: Partial<Listener> = { clientAddress: { mode: 'ProxyProtocol', optional: false, peers: ['10.0.0.0/8'] } };
    const outcomes = [balancer, '9.9.9.9'].map((peer) => ask([web], 'http://shop.test/shop', { listener: fields, clientIp: client, peer }).outcome.type);
    assert.deepEqual(outcomes, ['forward', 'refused']);
  });

  test('is named by another header where the listener reads one', () => {
    const clientAddress: ClientAddress = {
      mode: 'XForwardedFor',
      trustedCidrs: ['10.0.0.0/8'],
      header: 'cf-connecting-ip',
      believesOthers: true,
    };
    const asked = { listener: { clientAddress }, clientIp: client, peer: balancer, headers: [['x-forwarded-for', '6.6.6.6']] as const };
    const found = ask([web], 'http://shop.test/shop', asked);
    assert.deepEqual(found.client, { address: client, by: 'x-forwarded-for', header: 'cf-connecting-ip', peer: balancer });
  });

  test('is what backends are told', () => {
    const told = (fields: Partial<Route>, asked: Asked) => {
      const { outcome } = ask([{ ...web, ...fields }], 'http://shop.test/shop?q=1', asked);
      assert.ok(outcome.type === 'forward');
      return outcome.told && Object.fromEntries(outcome.told.map(({ name, value }) => [name, value]));
    };
    const headers = [
      ['X-Forwarded-For', '6.6.6.6'],
      ['X-Real-IP', '6.6.6.6'],
      ['X-Forwarded-Host', 'inner.test'],
      ['X-Forwarded-Proto', 'https'],
    ] as const;
    assert.equal(told({}, { headers }), undefined);
    assert.deepEqual(told({}, { headers, clientIp: client }), {
      host: 'shop.test',
      'x-real-ip': client,
      'x-forwarded-for': `6.6.6.6,${client}`,
      'x-forwarded-host': 'inner.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '80',
      'x-original-forwarded-for': '6.6.6.6',
    });
    const action = forward({ rewrite: { path: { type: 'prefix', value: '/' } } });
    assert.equal(told({ action }, { clientIp: client })?.['x-envoy-original-path'], '/shop?q=1');
    const forwarded = { believesHost: false, keepsForwardedFor: false, addsUri: true, others: [] };
    assert.deepEqual(told({ forwarded }, { headers, clientIp: client }), {
      host: 'shop.test',
      'x-real-ip': client,
      'x-forwarded-for': client,
      'x-forwarded-host': 'shop.test',
      'x-forwarded-proto': 'http',
      'x-forwarded-scheme': 'http',
      'x-forwarded-port': '80',
      'x-scheme': 'http',
      'x-original-forwarded-for': '6.6.6.6',
      'x-original-forwarded-host': 'inner.test',
      'x-original-uri': '/shop?q=1',
    });
    const believed = { believesHost: true, keepsForwardedFor: true, addsUri: false, others: [] };
    assert.deepEqual(told({ forwarded: believed }, { headers, clientIp: client, peer: balancer, listener: trusted }), {
      host: 'inner.test',
      'x-real-ip': client,
      'x-forwarded-for': `6.6.6.6, ${client}, ${balancer}`,
      'x-forwarded-host': 'inner.test',
      'x-forwarded-proto': 'https',
      'x-forwarded-scheme': 'https',
      'x-forwarded-port': '80',
      'x-scheme': 'https',
      'x-original-forwarded-for': `6.6.6.6, ${client}`,
      'x-original-forwarded-host': 'inner.test',
    });
  });
});

test('filters that a route switches on are told apart', () => {
  const cors = { allowOrigins: ['*'], allowMethods: [], allowHeaders: [], exposeHeaders: [], allowCredentials: false };
  const states = (routes: readonly Route[]): readonly string[] => ask(routes, 'http://shop.test/shop').filters.map(({ state }) => state);
  const rest = ['off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'off', 'on'];
  assert.deepEqual(states([web]), ['off', 'off', ...rest]);
  assert.deepEqual(states([{ ...web, cors }]), ['off', 'route', ...rest]);
});

const retries: readonly [onIdempotent: readonly string[], states: readonly string[]][] = [
  [['reset'], ['on', 'off']],
  [
    ['reset', 'gateway-error'],
    ['off', 'route'],
  ],
  [[], ['off', 'off']],
];

for (const [onIdempotent, wanted] of retries) {
  test(`idempotent requests are tried again on ${onIdempotent.join(', ') || 'nothing more'}`, () => {
    const retry = { on: ['connect-failure'], onIdempotent, statusCodes: [], count: 2, backoffBaseMs: 25, backoffMaxMs: 250 };
    const { outcome, filters } = ask([route('web', { type: 'pathPrefix', value: '/shop' }, { action: forward({ retry }) })], 'http://shop.test/shop');
    assert.ok(outcome.type === 'forward');
    assert.deepEqual(outcome.retry?.onIdempotent ?? [], onIdempotent);
    assert.deepEqual(
      filters.flatMap(({ name, state }) => (name.includes('idempotent') ? [state] : [])),
      wanted,
    );
  });
}
