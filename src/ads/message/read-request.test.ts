import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from '../../proto/codec.ts';
import type { Message } from '../../proto/message.ts';
import { createRequestReader } from './read-request.ts';
import { createRepeated } from './repeated.ts';

type WireSotw = Message<'envoy.service.discovery.v3.DiscoveryRequest'>;
type WireDelta = Message<'envoy.service.discovery.v3.DeltaDiscoveryRequest'>;

const sotw = (message: WireSotw): Buffer => Buffer.from(encode('envoy.service.discovery.v3.DiscoveryRequest', message));
const delta = (message: WireDelta): Buffer => Buffer.from(encode('envoy.service.discovery.v3.DeltaDiscoveryRequest', message));
const many = Array.from({ length: 500 }, (_, index) => `default/service-${index}/80`);
const fail = () => assert.fail();
const node = {
  id: 'n',
  cluster: 'g',
  user_agent_name: 'envoy',
  user_agent_build_version: { version: { major_number: 1, minor_number: 40, patch: 2 } },
  extensions: [{ name: 'x', category: 'y' }],
};

test('everything that counts is read of both messages', () => {
  const detail = { code: 13, message: 'why', details: [] };
  const first = { version_info: 'v', node, resource_names: ['a', 'é'], type_url: 't', response_nonce: '1', error_detail: detail };
  assert.deepEqual(createRequestReader('sotw', createRepeated(17)).read(sotw(first)), {
    protocol: 'sotw',
    node: { id: 'n', group: 'g', agent: 'envoy 1.40.2' },
    typeUrl: 't',
    nonce: '1',
    error: 'why',
    version: 'v',
    names: ['a', 'é'],
  });
  const second = { resource_names_subscribe: ['a'], resource_names_unsubscribe: ['b', '*'], initial_resource_versions: { a: '1', __proto__x: '2', '': '' } };
  assert.deepEqual(createRequestReader('delta', createRepeated(17)).read(delta(second)), {
    protocol: 'delta',
    typeUrl: '',
    nonce: '',
    subscribe: ['a'],
    unsubscribe: ['b', '*'],
    initialVersions: { a: '1', __proto__x: '2', '': '' },
  });
});

describe('an agent', () => {
  const cases: readonly [node: WireSotw['node'], agent: string][] = [
    [{}, 'unknown'],
    [{ user_agent_name: 'grpc', user_agent_version: '1.2' }, 'grpc 1.2'],
    [{ user_agent_name: 'envoy', user_agent_build_version: { metadata: {} } }, 'envoy'],
  ];
  for (const [given, agent] of cases) {
    test(agent, () => assert.equal(createRequestReader('sotw', createRepeated(17)).read(sotw({ node: given ?? null })).node?.agent, agent));
  }
});

test('names in several places of a message count together, and fields that are not known do not count', () => {
  const unknown = Buffer.from([0xf8, 0x07, 0x01, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfd, 0x07, 1, 2, 3, 4, 0xfa, 0x07, 1, 9]);
  const bytes = Buffer.concat([sotw({ resource_names: many }), unknown, sotw({ type_url: 't', resource_names: ['last'] }), unknown]);
  const reader = createRequestReader('sotw', createRepeated(17));
  for (const _ of [1, 2]) {
    const request = reader.read(bytes);
    assert.deepEqual(request.protocol === 'sotw' && request.names, [...many, 'last']);
    assert.equal(request.typeUrl, 't');
  }
});

describe('the same list is the same object, on every stream and in whatever order', () => {
  const repeated = createRepeated(17);
  const namesOf = (names: readonly string[]) => {
    const request = createRequestReader('sotw', repeated).read(sotw({ resource_names: [...names] }));
    return request.protocol === 'sotw' ? request.names : assert.fail();
  };
  const entries = many.map((name, index): [string, string] => [name, `version-${index}`]);
  /** Written by hand, as an encoder would not write a name twice. */
  const versionsOf = (told: readonly (readonly [name: string, version: string])[]) => {
    const bytes = Buffer.concat(told.map(([name, version]) => delta({ initial_resource_versions: { [name]: version } })));
    const request = createRequestReader('delta', repeated).read(bytes);
    return request.protocol === 'delta' ? request.initialVersions : assert.fail();
  };

  test('names', () => {
    assert.equal(namesOf(many), namesOf(many));
    assert.equal(namesOf(many), namesOf(many.toReversed()));
    assert.notEqual(namesOf(many), namesOf(many.slice(1)));
  });

  test('versions', () => {
    assert.equal(versionsOf(entries), versionsOf(entries.toReversed()));
    assert.deepEqual(versionsOf(entries.toReversed()), Object.fromEntries(entries));
  });

  test('the same names with other versions are another list', () => {
    const [first = fail(), second = fail(), ...others] = entries;
    const swapped: typeof entries = [[first[0], second[1]], [second[0], first[1]], ...others];
    assert.deepEqual(versionsOf(swapped), Object.fromEntries(swapped));
    assert.notEqual(versionsOf(swapped), versionsOf(entries));
    assert.equal(versionsOf(swapped), versionsOf(swapped.toReversed()));
  });

  test('of a name that is told twice the last version counts', () => {
    const twice = [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
    ] as const;
    for (const _ of [1, 2]) {
      assert.deepEqual(versionsOf(twice), { a: '2', b: '1' });
      assert.deepEqual(versionsOf(twice.toReversed()), { a: '1', b: '1' });
    }
  });

  test('a name that is told twice in the place of another makes another list', () => {
    assert.deepEqual(namesOf(['a', 'b', 'c']), ['a', 'b', 'c']);
    for (const names of [
      ['a', 'b', 'b'],
      ['b', 'a', 'a'],
      ['a', 'b', 'b'],
    ])
      assert.deepEqual(namesOf(names), names);
  });
});

test('a list that grew, shrank or changed at its end after it was repeated is read as it is', () => {
  const reader = createRequestReader('sotw', createRepeated(17));
  for (const names of [many, many, [...many, 'more'], many.slice(0, -1), [...many.slice(0, -1), 'default/service-xxx/80'], [], ['a']]) {
    const request = reader.read(sotw({ resource_names: names }));
    assert.deepEqual(request.protocol === 'sotw' && request.names, names);
  }
});

describe('bytes that are no message end in an error', () => {
  const whole = sotw({ node, resource_names: ['a', 'b'], type_url: 'type' });
  const cases: readonly [what: string, bytes: Buffer][] = [
    ['a wire type that does not exist', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x01])],
    ['a field without a number', Buffer.from([0x02, 0x00])],
    ['a string that is longer than the message', Buffer.from([0x22, 0x7f, 0x61])],
    ['a name that is longer than the message', Buffer.from([0x1a, 0x01, 0x61, 0x1a, 0x7f, 0x61])],
    ['a length without an end', Buffer.from([0x1a, 0x01, 0x61, 0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a node that is no message', Buffer.from([0x12, 0x01, 0xff])],
  ];
  for (const [what, bytes] of cases)
    test(what, () => assert.throws(() => createRequestReader('sotw', createRepeated(17)).read(bytes), /cut off|too long|wire type|number/));

  test('a message that is cut off anywhere within a field', () => {
    const reader = createRequestReader('sotw', createRepeated(17));
    let refused = 0;
    for (let end = 1; end < whole.length; end++) {
      try {
        reader.read(whole.subarray(0, end));
      } catch {
        // As it must be, unless the cut is between two fields.
        refused += 1;
      }
    }
    assert.equal(refused, whole.length - 1 - 3);
  });
});
