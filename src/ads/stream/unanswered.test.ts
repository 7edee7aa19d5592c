import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, endpoints, listener, routes, snapshotOf } from '../../../test/fake/resources.ts';
import { type Resource, type ResourceType, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import type { Answer } from './answer.ts';
import type { Effect } from './effect.ts';
import type { XdsRequest } from './request.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

const { warmMs } = defaultStreamLimits;
const node = { id: 'n', group: 'default', agent: 'test 1' };

/** A stream with a client that says only what the test says. */
function open(protocol: 'sotw' | 'delta', first: readonly Resource[]) {
  const stream = createStream({ protocol, peer: 'test', connectedAt: 0, limits: defaultStreamLimits });
  let snapshot = snapshotOf('default', first);
  let now = 0;
  const answers = (effects: readonly Effect[]): readonly Answer[] => effects.filter((effect) => effect.type === 'send').map(({ answer }) => answer);
  const say = (type: ResourceType, more: { readonly nonce?: string; readonly error?: string; readonly names?: readonly string[] } = {}): readonly Answer[] => {
    const { names = [], ...rest } = more;
    const head = { typeUrl: typeUrls[type], nonce: '', node, ...rest };
    const request: XdsRequest =
      protocol === 'sotw' ? { protocol, ...head, names } : { protocol, ...head, subscribe: names, unsubscribe: [], initialVersions: {} };
    return answers(stream.step({ type: 'request', request }, now));
  };
  stream.step({ type: 'snapshot', snapshot }, now);
  return {
    stream,
    say,
    at: (time: number) => {
      now = time;
    },
    wake: () => answers(stream.step({ type: 'woken' }, now)),
    put(next: readonly Resource[]): readonly Answer[] {
      const before = snapshot;
      snapshot = snapshotOf('default', next);
      return answers(stream.step({ type: 'snapshot', snapshot, change: changeBetween(before, snapshot) }, now));
    },
  };
}

const namesOf = (answer: Answer | undefined): readonly string[] => (answer?.resources ?? []).map(({ name }) => name).sort();
const numbered = (count: number): readonly Resource[] => Array.from({ length: count }, (_, index) => cluster(`c${index}`));

for (const protocol of ['delta', 'sotw'] as const) {
  test(`${protocol}: clusters that Envoy took beside the bad one are not sent again but for a full list`, () => {
    const { say, put } = open(protocol, [cluster('a')]);
    say('clusters', { nonce: say('clusters')[0]?.nonce ?? '' });
    const [answer] = put([cluster('a'), cluster('good'), cluster('bad')]);
    const again = say('clusters', { nonce: answer?.nonce ?? '', error: 'Error adding/updating cluster(s) bad: why' });
    assert.deepEqual(again.map(namesOf), protocol === 'delta' ? [] : [['a', 'good']]);
  });

  test(`${protocol}: what a client that never answers is remembered for stays bounded, and its newest reply still counts`, () => {
    const { stream, say, put, at } = open(protocol, numbered(1));
    let newest = say('clusters')[0]?.nonce ?? '';
    for (let round = 1; round <= 100; round++) {
      at(round * warmMs);
      newest = put([cluster('c0', 1000 + round)])[0]?.nonce ?? assert.fail('nothing was sent');
    }
    // The oldest answer that is remembered says how many there are: one was sent in each `warmMs`.
    assert.ok((stream.status(100 * warmMs, '').types.clusters?.lagMs ?? Number.POSITIVE_INFINITY) <= 32 * warmMs);
    say('clusters', { nonce: newest, error: 'Error adding/updating cluster(s) c0: why' });
    assert.equal(stream.status(100 * warmMs, '').lastNack?.resources[0]?.version, cluster('c0', 1100).version);
  });

  test(`${protocol}: a time that is over does not wake the stream again`, () => {
    const web = [listener('l', 10), routes('l', { '/': 'a' })];
    const { stream, say, put, at, wake } = open(protocol, [cluster('a'), endpoints('a', [1]), ...web]);
    say('clusters');
    say('listeners');
    at(warmMs);
    assert.deepEqual(
      wake().map(({ type }) => type),
      ['listeners'],
    );
    // The listener is not acknowledged, so that the newer one waits; the cluster warms on.
    put([cluster('a'), endpoints('a', [1]), listener('l', 11), routes('l', { '/': 'a' })]);
    at(warmMs + 1);
    wake();
    assert.ok((stream.wakeAt() ?? Number.POSITIVE_INFINITY) > warmMs + 1);
  });
}
