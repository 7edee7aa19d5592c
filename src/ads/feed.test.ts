import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../resource.ts';
import { createFeed } from './feed.ts';
import type { SnapshotEvent } from './stream/event.ts';

const eventOf = (group: string, revision: string): SnapshotEvent => ({ type: 'snapshot', snapshot: { group, revision } as Snapshot });
const nodeOf = (id: string, group = 'default') => ({ id, group, agent: 'envoy 1.40.0' });
const all = (): boolean => true;

test('each stream reads what was published since it began, in this order and once', () => {
  const feed = createFeed();
  const [one, two, three] = [eventOf('default', '1'), eventOf('default', '2'), eventOf('default', '3')];
  feed.publish({ event: one, isFor: all });
  const early = feed.reader();
  feed.publish({ event: two, isFor: all });
  const late = feed.reader();
  feed.publish({ event: three, isFor: all });
  const node = nodeOf('a');
  assert.deepEqual([early.next(node), early.next(node), early.next(node)], [two, three, undefined]);
  assert.deepEqual([late.next(node), late.next(node)], [three, undefined]);
});

test('what is for another group or another node is passed over', () => {
  const feed = createFeed();
  const reader = feed.reader();
  const wanted = eventOf('default', '3');
  feed.publish({ event: eventOf('other', '1'), isFor: all });
  feed.publish({ event: eventOf('default', '2'), isFor: (node) => node === 'b' });
  feed.publish({ event: wanted, isFor: (node) => node === 'a' });
  assert.deepEqual([reader.next(nodeOf('a')), reader.next(nodeOf('a'))], [wanted, undefined]);
});

test('a stream that has not said who it is has no use for what is published meanwhile', () => {
  const feed = createFeed();
  const reader = feed.reader();
  feed.publish({ event: eventOf('default', '1'), isFor: all });
  assert.equal(reader.next(undefined), undefined);
  assert.equal(reader.next(nodeOf('a')), undefined);
});
