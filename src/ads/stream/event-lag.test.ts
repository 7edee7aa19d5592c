import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, endpoints, snapshotOf } from '../../../test/fake/resources.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import type { Effect } from './effect.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

/** A stream whose client takes `a`, at times that the test says; publishing takes 2 ms until it reaches the stream. */
function open() {
  const stream = createStream({ protocol: 'delta', peer: '', connectedAt: 0, limits: defaultStreamLimits });
  let snapshot = snapshotOf('default', [cluster('a'), endpoints('a', [1])]);
  let nonce = '';
  const play = (effects: readonly Effect[]): readonly Effect[] => {
    for (const effect of effects) if (effect.type === 'send') nonce = effect.answer.nonce;
    return effects;
  };
  const ask = (subscribe: readonly string[], at: number): readonly Effect[] => {
    const head = { protocol: 'delta', node: { id: 'n', group: 'default', agent: '' }, typeUrl: typeUrls.endpoints, nonce } as const;
    return play(stream.step({ type: 'request', request: { ...head, subscribe, unsubscribe: [], initialVersions: {} } }, at));
  };
  play(stream.step({ type: 'snapshot', snapshot }, 0));
  ask(['a'], 0);
  return {
    publish(resources: readonly Resource[], publishedAt: number) {
      const change = changeBetween(snapshot, snapshotOf('default', resources));
      snapshot = snapshotOf('default', resources);
      play(stream.step({ type: 'snapshot', snapshot, change, publishedAt }, publishedAt + 2));
    },
    ask: (name: string, at: number) => void ask([name], at),
    behind: (at: number) => stream.status(at, '').endpointsBehindMs,
    /** What the ACK of the newest answer says of the time since the event. */
    acked: (at: number) => ask([], at).flatMap((effect) => (effect.type === 'acked' ? [effect.event?.agoMs] : [])),
  };
}

const at = (port: number): readonly Resource[] => [cluster('a'), endpoints('a', [port])];

test('a first answer answers no event', () => {
  assert.deepEqual(open().acked(5), [undefined]);
});

test('the time runs from the moment of publishing', () => {
  const { publish, acked } = open();
  acked(5);
  publish(at(2), 100);
  assert.deepEqual(acked(107), [7]);
});

test('the wait behind an answer without ACK counts, from the oldest event that had to wait', () => {
  const { publish, acked, behind } = open();
  assert.equal(behind(90), undefined);
  publish(at(2), 100);
  publish(at(3), 150);
  assert.equal(behind(200), 100, 'it waits to be sent');
  assert.deepEqual(acked(300), [undefined]);
  assert.equal(behind(310), 210, 'it waits for its ACK');
  assert.deepEqual(acked(320), [220]);
  assert.equal(behind(330), undefined);
});

test('an event that was taken back before it was sent does not count for the next one', () => {
  const { publish, acked } = open();
  publish(at(2), 100);
  publish(at(1), 150);
  acked(300);
  publish(at(4), 400);
  assert.deepEqual(acked(410), [10]);
});

test('endpoints that nobody held are no event', () => {
  const { publish, ask, acked } = open();
  acked(5);
  publish([...at(1), cluster('b'), endpoints('b', [9])], 100);
  ask('b', 200);
  assert.deepEqual(acked(210), [undefined]);
});
