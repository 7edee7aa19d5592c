import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, snapshotOf } from '../../../test/fake/resources.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { encodeAnswer } from '../message/wire.ts';
import type { Answer } from './answer.ts';
import type { Effect } from './effect.ts';
import type { XdsRequest } from './request.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

const mebibyte = 1024 * 1024;

/** Clusters of a mebibyte each; only their size matters. */
const large = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, index) => ({ ...cluster(`c${index}`), bytes: Buffer.alloc(mebibyte), version: `v${index}` }));

/** Everything that a client gets that asks for all clusters and acknowledges each answer, and what of it came at once. */
function ask(resources: readonly Resource[], subscribe: readonly string[] = [], later?: readonly Resource[]) {
  const stream = createStream({ protocol: 'delta', only: 'clusters', peer: '', connectedAt: 0, limits: defaultStreamLimits });
  const node = { id: 'n', group: 'default', agent: '' };
  let now = 0;
  const say = (nonce: string): readonly Effect[] => {
    const names = nonce === '' ? subscribe : [];
    const request: XdsRequest = { protocol: 'delta', node, typeUrl: typeUrls.clusters, nonce, subscribe: names, unsubscribe: [], initialVersions: {} };
    return stream.step({ type: 'request', request }, now);
  };
  const answersOf = (effects: readonly Effect[]): readonly Answer[] => effects.filter((effect) => effect.type === 'send').map(({ answer }) => answer);
  stream.step({ type: 'snapshot', snapshot: snapshotOf('default', resources) }, 0);
  const atOnce = answersOf(say(''));
  const all = [...atOnce];
  let acknowledged = 0;
  const acknowledge = (): void => {
    for (; acknowledged < all.length; acknowledged++) all.push(...answersOf(say(all[acknowledged]?.nonce ?? '')));
  };
  acknowledge();
  if (later) {
    all.push(...answersOf(stream.step({ type: 'snapshot', snapshot: snapshotOf('default', later) }, now)));
    acknowledge();
    now = stream.wakeAt() ?? now;
    all.push(...answersOf(stream.step({ type: 'woken' }, now)));
    acknowledge();
  }
  return { atOnce, all };
}

test('delta answers stay below 4 MiB, which is the most that many clients read', () => {
  const { all } = ask(large(40));
  for (const answer of all) assert.ok(encodeAnswer(answer).byteLength < 4 * mebibyte, `${encodeAnswer(answer).byteLength} bytes`);
  assert.equal(new Set(all.flatMap(({ resources }) => resources.map(({ name }) => name))).size, 40);
  assert.equal(all.flatMap(({ resources }) => resources).length, 40);
});

test('the parts of an answer follow each other without an ACK, as far as flow control lets them', () => {
  assert.equal(ask(large(5)).atOnce.flatMap(({ resources }) => resources).length, 5);
});

test('many small resources are counted with what surrounds each', () => {
  const many = Array.from({ length: 60_000 }, (_, index) => ({ ...cluster(`c${index}`), bytes: Buffer.alloc(8), version: `0123456789abcdef${index}` }));
  for (const answer of ask(many).all) assert.ok(encodeAnswer(answer).byteLength < 4 * mebibyte);
});

test('a resource that is larger than an answer may be goes alone', () => {
  const huge = { ...cluster('huge'), bytes: Buffer.alloc(5 * mebibyte), version: 'v' };
  const { all } = ask([huge, ...large(1)]);
  assert.deepEqual(
    all.map(({ resources }) => resources.map(({ name }) => name)),
    [['huge'], ['c0']],
  );
});

const longNames = Array.from({ length: 60_000 }, (_, index) => `c${index}`.padEnd(80, '-'));

test('names of clusters that are gone are told in as many answers as they need, each once', () => {
  const all = longNames.map((name) => ({ ...cluster('c'), name, bytes: Buffer.alloc(8), version: `v-${name}` }));
  const { all: answers } = ask(all, [], [{ ...cluster('other'), version: 'v' }]);
  for (const answer of answers) assert.ok(encodeAnswer(answer).byteLength < 4 * mebibyte, `${encodeAnswer(answer).byteLength} bytes`);
  assert.deepEqual(answers.flatMap(({ removed }) => removed).toSorted(), longNames.toSorted());
});

test('so are names that do not exist', () => {
  const { all: answers } = ask([{ ...cluster('other'), version: 'v' }], longNames);
  for (const answer of answers) assert.ok(encodeAnswer(answer).byteLength < 4 * mebibyte, `${encodeAnswer(answer).byteLength} bytes`);
  assert.deepEqual(answers.flatMap(({ removed }) => removed).toSorted(), longNames.toSorted());
});
