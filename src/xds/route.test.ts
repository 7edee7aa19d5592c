import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward, listener, route, routeConfiguration, share } from '../../test/fake/representation.ts';
import type { Route } from '../ir/route.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import { routeResource } from './route.ts';

/** A filter that these routes switch off, as they have no retries. */
const withoutRetries = 'envoy.filters.http.match_delegate.idempotent_retries';

const root = { type: 'prefix', value: '/' } as const;

function decoded(routes: readonly Route[], domains?: readonly string[]) {
  return decode('envoy.config.route.v3.RouteConfiguration', routeResource(routeConfiguration(routes, domains), listener()).bytes);
}

function entriesOf(...routes: Route[]) {
  return decoded(routes).virtual_hosts?.[0]?.routes ?? [];
}

test('a single backend is a cluster, several are shares, an unresolved one keeps its share', () => {
  const [single, split] = entriesOf(
    route('single', root),
    route('split', root, { action: forward({ backends: [share('shop/web/80', 9), share(undefined, 1)] }) }),
  );
  assert.equal(single?.route?.cluster, 'shop/web/80');
  assert.deepEqual(
    split?.route?.weighted_clusters?.clusters?.map(({ name, weight }) => [name, weight?.value]),
    [
      ['shop/web/80', 9],
      ['sluice/unresolved', 1],
    ],
  );
  assert.equal(split?.route?.cluster_not_found_response_code, 'INTERNAL_SERVER_ERROR');
});

test('a sticky split hashes, has the same sum whatever the weights are, and gives clients its cookie', () => {
  const backends = [share('shop/v1/80', 3), share('shop/v2/80', 1), share('shop/v3/80', 0)];
  const [byCookie, byHeader] = entriesOf(
    route('cookie', root, { action: forward({ backends, stickyOn: { type: 'cookie', name: 'side', ttlMs: 1500 } }) }),
    route('header', root, { action: forward({ backends, stickyOn: { type: 'header', name: 'x-user' } }) }),
  );
  for (const entry of [byCookie, byHeader]) {
    const { use_hash_policy, clusters = [] } = entry?.route?.weighted_clusters ?? {};
    assert.equal(use_hash_policy?.value, true);
    const weights = Map.groupBy(clusters, ({ name }) => name);
    assert.deepEqual(
      ['shop/v1/80', 'shop/v2/80', 'shop/v3/80'].map((name) => weights.get(name)?.reduce((sum, { weight }) => sum + (weight?.value ?? 0), 0)),
      [750_000, 250_000, 0],
    );
  }
  assert.equal(byCookie?.route?.hash_policy?.[0]?.cookie?.name, 'side');
  assert.equal(byHeader?.route?.hash_policy?.[0]?.header?.header_name, 'x-user');
  const lua = byCookie?.typed_per_filter_config?.['envoy.filters.http.lua.sticky'] as Message<'envoy.extensions.filters.http.lua.v3.LuaPerRoute'>;
  const cookie = lua.filter_context?.fields?.['split']?.structValue?.fields;
  assert.deepEqual([cookie?.['name']?.stringValue, cookie?.['attributes']?.stringValue], ['side', '; Path=/; Max-Age=2; HttpOnly; SameSite=Lax']);
  assert.deepEqual(Object.keys(byHeader?.typed_per_filter_config ?? {}), [withoutRetries]);
});

test('one backend is no split, sticky or not', () => {
  const [entry] = entriesOf(route('single', root, { action: forward({ stickyOn: { type: 'cookie', name: 'side' } }) }));
  assert.deepEqual([entry?.route?.cluster, entry?.route?.hash_policy], ['shop/web/80', undefined]);
  assert.deepEqual(Object.keys(entry?.typed_per_filter_config ?? {}), [withoutRetries]);
});

test('a percent sign in a header value is no command operator', () => {
  const [entry] = entriesOf(route('a', root, { requestHeaders: { set: [{ name: 'x-a', value: '100%' }], add: [], remove: ['x-b'] } }));
  assert.equal(entry?.request_headers_to_add?.[0]?.header?.value, '100%%');
  assert.deepEqual(entry?.request_headers_to_remove, ['x-b']);
});

test('a redirect to the default port of its scheme names the port only to those who named one', () => {
  const [named, plain] = entriesOf(route('a', root, { action: { type: 'redirect', scheme: 'https', port: 443, status: 301 } }));
  assert.equal(named?.match?.headers?.[0]?.name, ':authority');
  assert.equal(named?.redirect?.port_redirect, 443);
  assert.equal(plain?.redirect?.port_redirect, undefined);
  const others = entriesOf(
    route('a', root, { action: { type: 'redirect', scheme: 'https', port: 8443, status: 301 } }),
    route('b', root, { action: { type: 'redirect', host: 'b.example.com', scheme: 'https', port: 443, status: 301 } }),
  );
  assert.deepEqual(
    others.map((entry) => entry.redirect?.port_redirect),
    [8443, undefined],
  );
});

test('a route of one method with CORS takes the preflight requests for that method too', () => {
  const cors = { allowOrigins: ['*'], allowMethods: ['PUT'], allowHeaders: [], exposeHeaders: [], allowCredentials: false };
  const [own, preflight] = entriesOf(route('a', root, { cors, match: { method: 'PUT', headers: [{ name: 'x-a', type: 'present' }] } }));
  assert.deepEqual(
    own?.match?.headers?.map(({ name }) => name),
    [':method', 'x-a'],
  );
  assert.deepEqual(
    preflight?.match?.headers?.map(({ name, string_match }) => [name, string_match?.exact]),
    [
      [':method', 'OPTIONS'],
      ['origin', undefined],
      ['access-control-request-method', 'PUT'],
    ],
  );
  assert.deepEqual(Object.keys(preflight?.typed_per_filter_config ?? {}), ['envoy.filters.http.cors', withoutRetries]);
});

test('ports of the Host header are ignored unless a virtual host tells them apart', () => {
  assert.equal(decoded([], ['a.example.com']).ignore_port_in_host_matching, true);
  assert.ok(!decoded([], ['catalog', 'catalog:8080']).ignore_port_in_host_matching);
});

test('the origins of a table name each object once', () => {
  const { origins } = routeResource(routeConfiguration([route('a', root), route('a', root), route('b', root)]), listener());
  assert.deepEqual(
    origins.map(({ object }) => object),
    ['Gateway shop/edge', 'HTTPRoute shop/a', 'HTTPRoute shop/b'],
  );
});

test('calls of gRPC-Web have an entry of their own, before that of all others, where a backend speaks gRPC', () => {
  const call = { type: 'prefix', value: '/shop.v1.Shop/' } as const;
  const entries = entriesOf(route('calls', call, { action: forward({ grpcWeb: true }) }), route('plain', root), {
    ...route('reads', root, { action: forward({ grpcWeb: true }) }),
    match: { path: root, method: 'GET', headers: [], query: [] },
  });
  assert.deepEqual(
    entries.map(({ name, match, typed_per_filter_config }) => [
      name,
      match?.headers?.filter((header) => header.name === 'content-type').map(({ string_match }) => string_match?.prefix) ?? [],
      'envoy.filters.http.grpc_web' in (typed_per_filter_config ?? {}),
    ]),
    [
      ['calls', ['application/grpc-web'], true],
      ['calls', [], false],
      ['plain', [], false],
      ['reads', [], false],
    ],
  );
});
