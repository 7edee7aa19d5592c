import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultClientLimits } from '../../client-limits.ts';
import { typeUrls } from '../../resource.ts';
import { createTokenBucket } from '../../token-bucket.ts';
import type { DeltaRequest, SotwRequest } from '../stream/request.ts';
import { createAdmission } from './admission.ts';
import { createQuota } from './quota.ts';
import { oversize } from './request-size.ts';

const sotw = (more: Partial<SotwRequest> = {}): SotwRequest => ({ protocol: 'sotw', typeUrl: typeUrls.clusters, nonce: '', names: [], ...more });
const delta = (more: Partial<DeltaRequest> = {}): DeltaRequest => ({
  protocol: 'delta',
  typeUrl: typeUrls.clusters,
  nonce: '',
  subscribe: [],
  unsubscribe: [],
  initialVersions: {},
  ...more,
});

describe('a quota', () => {
  test('counts in all and by address, and gives back', () => {
    const quota = createQuota('streams', { inAll: 3, perAddress: 2 });
    assert.equal(quota.take('a'), undefined);
    assert.equal(quota.take('a'), undefined);
    assert.equal(quota.take('a'), 'a has 2 streams open and may not have more');
    assert.equal(quota.take('b'), undefined);
    assert.equal(quota.take('c'), 'the server has 3 streams open and takes no more');
    quota.release('b');
    assert.equal(quota.take('c'), undefined);
    quota.release('a');
    quota.release('never seen');
    assert.equal(quota.take('a'), undefined);
    assert.equal(quota.take('d'), 'the server has 3 streams open and takes no more');
  });
});

describe('a token bucket', () => {
  const cases: readonly { readonly name: string; readonly takes: readonly (readonly [at: number, is: boolean])[] }[] = [
    {
      name: 'a burst, then nothing',
      takes: [
        [0, true],
        [0, true],
        [0, false],
        [10, false],
      ],
    },
    {
      name: 'so many a second',
      takes: [
        [0, true],
        [0, true],
        [500, true],
        [500, false],
        [1000, true],
        [1100, false],
      ],
    },
    {
      name: 'no more than the burst is saved up',
      takes: [
        [0, true],
        [60_000, true],
        [60_000, true],
        [60_000, false],
      ],
    },
    {
      name: 'a clock that jumps back gives nothing',
      takes: [
        [5000, true],
        [5000, true],
        [0, false],
        [400, false],
        [500, true],
      ],
    },
  ];
  for (const { name, takes } of cases) {
    test(name, () => {
      const bucket = createTokenBucket({ burst: 2, perSecond: 2 });
      assert.deepEqual(
        takes.map(([at]) => [at, bucket.take(at)]),
        takes,
      );
    });
  }
});

describe('the size of a request', () => {
  const limits = { names: 3, nameCharacters: 5 };
  const node = { id: 'n', group: 'g', agent: 'a' };
  const long = 'x'.repeat(6);
  const cases: readonly (readonly [string, Parameters<typeof oversize>[0], string | undefined])[] = [
    ['fits', sotw({ node, typeUrl: 'type', names: ['a', 'b', 'xxxxx'] }), undefined],
    ['node id', sotw({ typeUrl: '', node: { ...node, id: long } }), 'node.id has more than 5 characters'],
    ['group', sotw({ typeUrl: '', node: { ...node, group: long } }), 'node.cluster has more than 5 characters'],
    ['agent', sotw({ typeUrl: '', node: { ...node, agent: long } }), 'the user agent has more than 5 characters'],
    ['type', sotw({ typeUrl: long }), 'type_url has more than 5 characters'],
    ['nonce', sotw({ typeUrl: '', nonce: long }), 'response_nonce has more than 5 characters'],
    ['version', sotw({ typeUrl: '', version: long }), 'version_info has more than 5 characters'],
    ['a name', sotw({ typeUrl: '', names: ['a', long] }), 'resource_names has an entry of more than 5 characters'],
    ['names', sotw({ typeUrl: '', names: ['a', 'b', 'c', 'd'] }), 'resource_names has 4 entries, and at most 3 are taken'],
    ['subscribe', delta({ typeUrl: '', subscribe: [long] }), 'resource_names_subscribe has an entry of more than 5 characters'],
    ['unsubscribe', delta({ typeUrl: '', unsubscribe: ['a', 'b', 'c', 'd'] }), 'resource_names_unsubscribe has 4 entries, and at most 3 are taken'],
    ['known names', delta({ typeUrl: '', initialVersions: { [long]: '1' } }), 'initial_resource_versions has an entry of more than 5 characters'],
    [
      'known versions',
      delta({ typeUrl: '', initialVersions: { a: long } }),
      'the versions of initial_resource_versions has an entry of more than 5 characters',
    ],
  ];
  for (const [name, request, expected] of cases) test(name, () => assert.equal(oversize(request, limits), expected));
});

describe('admission', () => {
  const limits = { ...defaultClientLimits, requestBurst: 3, requestsPerSecond: 1 };
  const open = () => createAdmission({ limits, trustDomain: 'sluice' });

  test('a reply to each answer is free, anything else counts', () => {
    const admission = open();
    for (let answer = 0; answer < 100; answer++) {
      admission.answered();
      assert.equal(admission.refuses(sotw({ nonce: `${answer}` }), 0), undefined);
    }
    for (let request = 0; request < 3; request++) assert.equal(admission.refuses(sotw({ nonce: 'again' }), 0), undefined);
    assert.deepEqual(admission.refuses(sotw({ nonce: 'again' }), 0), {
      code: 'RESOURCE_EXHAUSTED',
      message: 'more than 3 requests at once or 1 a second that no answer asked for',
    });
    assert.equal(admission.refuses(sotw(), 1000), undefined);
  });

  test('what is too large is refused', () => {
    assert.equal(open().refuses(sotw({ names: ['x'.repeat(2000)] }), 0)?.code, 'RESOURCE_EXHAUSTED');
  });

  test('without certificates every group may be asked for', () => {
    assert.equal(open().refuses(sotw({ node: { id: 'n', group: 'any', agent: '' } }), 0), undefined);
  });
});

test('a fleet that comes back at once from one address is within the limits', () => {
  // Twice, as what was cut off is still counted until the server notices.
  const envoys = 2 * 5000;
  for (const [inAll, perAddress] of [
    [defaultClientLimits.streams, defaultClientLimits.streamsPerAddress],
    [defaultClientLimits.connections, defaultClientLimits.connectionsPerAddress],
  ] as const) {
    const quota = createQuota('streams', { inAll, perAddress });
    for (let envoy = 0; envoy < envoys; envoy++) assert.equal(quota.take('10.0.0.1'), undefined);
  }
});
