import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { decodeRaw, encode } from './codec.ts';
import { type Message, type MessageName, typed } from './message.ts';
import { ruleChecker } from './rules.ts';
import { duration, uint32 } from './values.ts';

const check = ruleChecker();

function violations<Name extends MessageName>(name: Name, value: Message<Name>): readonly string[] {
  return check(name, decodeRaw(name, encode(name, value))).map(({ path, rule }) => `${path.join('.')} ${rule}`);
}

const good: Message<'envoy.config.route.v3.Route'> = { match: { prefix: '/' }, route: { cluster: 'a' } };
const configurationOf = (route: Message<'envoy.config.route.v3.Route'>): Message<'envoy.config.route.v3.RouteConfiguration'> => ({
  virtual_hosts: [{ name: 'all', domains: ['*'], routes: [good, route] }],
});

const routeCases: readonly [Message<'envoy.config.route.v3.Route'>, string | undefined][] = [
  [good, undefined],
  [{ route: { cluster: 'a' } }, 'match must be set'],
  [
    { match: {}, route: { cluster: 'a' } },
    'match.path_specifier one of prefix, path, safe_regex, connect_matcher, path_separated_prefix, path_match_policy must be set',
  ],
  [{ match: { prefix: '/' } }, 'action one of route, redirect, direct_response, filter_action, non_forwarding_action must be set'],
  [{ match: { safe_regex: { regex: '' } }, route: { cluster: 'a' } }, 'match.safe_regex.regex must not be empty'],
  [{ match: { prefix: '/' }, route: { cluster: '' } }, 'route.cluster must not be empty'],
  [{ match: { prefix: '/' }, direct_response: { status: 99 } }, 'direct_response.status must be at least 200'],
  [
    { match: { prefix: '/', headers: [{ name: 'a\nb', present_match: true }] }, route: { cluster: 'a' } },
    'match.headers.0.name must not hold a line break or NUL',
  ],
  [{ match: { path_separated_prefix: '/a/' }, route: { cluster: 'a' } }, 'match.path_separated_prefix must match ^[^?#]+[^?#/]$'],
  [{ match: { prefix: '/' }, route: { cluster: 'a', retry_policy: { retry_back_off: {} } } }, 'route.retry_policy.retry_back_off.base_interval must be set'],
  [
    { match: { prefix: '/' }, route: { cluster: 'a', retry_policy: { retry_back_off: { base_interval: duration(0) } } } },
    'route.retry_policy.retry_back_off.base_interval must be longer than 0 s',
  ],
  [{ match: { prefix: '/' }, typed_per_filter_config: { f: typed('envoy.type.v3.Int64Range', {}) }, route: { cluster: 'a' } }, undefined],
  [
    { match: { prefix: '/' }, typed_per_filter_config: { f: typed('envoy.type.matcher.v3.RegexMatcher', {}) }, route: { cluster: 'a' } },
    'typed_per_filter_config.f.regex must not be empty',
  ],
  [{ match: { prefix: '/' }, request_headers_to_add: [{}], route: { cluster: 'a' } }, 'request_headers_to_add.0.header must be set'],
];

for (const [route, expected] of routeCases) {
  test(`a route: ${expected ?? 'nothing is wrong'}`, () => {
    assert.deepEqual(
      violations('envoy.config.route.v3.RouteConfiguration', configurationOf(route)),
      expected === undefined ? [] : [`virtual_hosts.0.routes.1.${expected}`],
    );
  });
}

test('wrappers, enumerations, numbers, lists and times of other messages', () => {
  assert.deepEqual(violations('envoy.config.cluster.v3.Cluster', { name: 'a', connect_timeout: duration(0) }), ['connect_timeout must be longer than 0 s']);
  assert.deepEqual(violations('envoy.config.cluster.v3.OutlierDetection', { max_ejection_percent: uint32(101) }), ['max_ejection_percent must be at most 100']);
  assert.deepEqual(violations('envoy.config.core.v3.SocketAddress', { address: 'a', port_value: 70_000 }), ['port_value must be at most 65535']);
  assert.deepEqual(violations('envoy.config.route.v3.VirtualHost', { name: 'a' }), ['domains must have at least 1 item']);
  assert.deepEqual(violations('envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher', { matcher: { exact: 'a' } }), ['san_type must not be 0']);
  assert.deepEqual(violations('envoy.config.core.v3.SchemeHeaderTransformation', { scheme_to_overwrite: 'ftp' }), [
    'scheme_to_overwrite must be one of http, https',
  ]);
  assert.deepEqual(violations('envoy.config.core.v3.SchemeHeaderTransformation', { scheme_to_overwrite: 'http' }), []);
  const { bytes } = { bytes: Buffer.from([0x10, 0x63]) };
  assert.deepEqual(
    check('envoy.config.cluster.v3.Cluster', decodeRaw('envoy.config.cluster.v3.Cluster', bytes)).map(({ path }) => path.join('.')),
    ['name', 'type'],
  );
});

test('rules of ours are asked for every message of their type, in its place', () => {
  const own = ruleChecker({ 'envoy.type.matcher.v3.RegexMatcher': ({ regex }, note) => regex === 'bad' && note('must be good', 'regex') });
  const bytes = encode('envoy.config.route.v3.RouteConfiguration', configurationOf({ match: { safe_regex: { regex: 'bad' } }, route: { cluster: 'a' } }));
  assert.deepEqual(own('envoy.config.route.v3.RouteConfiguration', decodeRaw('envoy.config.route.v3.RouteConfiguration', bytes)), [
    { path: ['virtual_hosts', 0, 'routes', 1, 'match', 'safe_regex', 'regex'], rule: 'must be good' },
  ]);
});

test('every rule of the Envoy API is known', () => {
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(new URL('./gen/bundle.json', import.meta.url), 'utf8')) as protobuf.INamespace);
  root.resolveAll();
  const visit = (space: protobuf.NamespaceBase): void => {
    for (const object of space.nestedArray) {
      // The descriptors of protobuf itself have required fields, which no empty message can be decoded without.
      if (object instanceof protobuf.Type && !object.fullName.startsWith('.google.protobuf.')) {
        assert.deepEqual(
          Object.keys(object.options ?? {}).filter((option) => option.includes('validate')),
          [],
          object.fullName,
        );
        check(object.fullName.slice(1) as MessageName, decodeRaw(object.fullName.slice(1) as MessageName, new Uint8Array()));
      }
      if (object instanceof protobuf.Namespace) visit(object);
    }
  };
  visit(root);
});
