import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, listener, snapshotOf } from '../../../test/fake/resources.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import { createRefusals, type Refusals } from '../refusal/refusals.ts';
import type { Effect } from './effect.ts';
import { isOfPlace } from './place.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

/** A client of listeners alone that cannot bind those of some names. */
function follow(protocol: 'sotw' | 'delta', id: string, refusals: Refusals, busy: ReadonlySet<string>) {
  const stream = createStream({ protocol, only: 'listeners', peer: 'test', connectedAt: 0, limits: defaultStreamLimits, refusalsOf: refusals.of });
  const held = new Map<string, string>();
  const tries: number[] = [];
  let snapshot = snapshotOf('default', []);

  function reply(nonce: string, now: number, error?: string): void {
    const head = { typeUrl: typeUrls.listeners, nonce, node: { id, group: 'default', agent: 'test 1' }, ...(error === undefined ? {} : { error }) };
    const request =
      protocol === 'sotw'
        ? ({ protocol, ...head, names: [] } as const)
        : ({ protocol, ...head, subscribe: nonce === '' ? ['*'] : [], unsubscribe: [], initialVersions: {} } as const);
    run(stream.step({ type: 'request', request }, now), now);
  }
  function run(effects: readonly Effect[], now: number): void {
    for (const effect of effects) {
      if (effect.type !== 'send') continue;
      const { nonce, resources } = effect.answer;
      const bad = resources.filter(({ name }) => busy.has(name));
      for (const { name, version } of resources) if (!busy.has(name)) held.set(name, version);
      if (bad.length > 0) tries.push(now);
      const words = bad.map(({ name }) => `${name}: cannot bind '0.0.0.0:81': Address already in use`);
      reply(nonce, now, bad.length > 0 ? `Error adding/updating listener(s) ${words.join('\n')}\n` : undefined);
    }
  }
  reply('', 0);
  return {
    held,
    /** When it was sent a listener that it could not bind. */
    tries,
    put(resources: readonly Resource[], now = 0): void {
      const after = snapshotOf('default', resources);
      const change = changeBetween(snapshot, after);
      snapshot = after;
      refusals.replaced(after);
      run(stream.step({ type: 'snapshot', snapshot, change }, now), now);
    },
    /** Lets time pass as the shell of a stream does: it wakes the stream when it asks for it. */
    passUntil(end: number): void {
      for (let at = stream.wakeAt(); at !== undefined && at <= end; at = stream.wakeAt()) run(stream.step({ type: 'woken' }, at), at);
    },
  };
}

const [a, b] = [listener('a', 80), listener('b', 81)];

for (const protocol of ['sotw', 'delta'] as const) {
  test(`${protocol}: what cannot be bound at one place is held back there, and nowhere else`, () => {
    const refusals = createRefusals();
    const one = follow(protocol, 'one', refusals, new Set(['b']));
    const two = follow(protocol, 'two', refusals, new Set());
    for (const client of [one, two]) client.put([a, b]);
    assert.deepEqual([[...one.held.keys()], [...two.held.keys()]], [['a'], ['a', 'b']]);
    assert.deepEqual(
      refusals.list().map(({ name, node, instead }) => [name, node, instead]),
      [['b', 'one', 'nothing']],
    );
  });

  test(`${protocol}: it is tried again after 1, 2, 4 seconds and so on, at least once a minute, until it can be bound`, () => {
    const refusals = createRefusals();
    const busy = new Set(['b']);
    const client = follow(protocol, 'one', refusals, busy);
    client.put([a, b]);
    client.passUntil(200_000);
    assert.deepEqual(
      client.tries,
      [0, 1, 3, 7, 15, 31, 63, 123, 183].map((seconds) => seconds * 1000),
    );
    busy.clear();
    client.passUntil(243_000);
    assert.deepEqual([[...client.held.keys()].sort(), client.tries.length, refusals.list()], [['a', 'b'], 9, []]);
    client.passUntil(1_000_000);
  });

  test(`${protocol}: another form of it is tried at once, and what is gone is not tried any more`, () => {
    const refusals = createRefusals();
    const client = follow(protocol, 'one', refusals, new Set(['b']));
    client.put([a, b]);
    client.put([a, listener('b', 82)], 500);
    assert.deepEqual(client.tries, [0, 500]);
    client.put([a], 600);
    client.passUntil(100_000);
    assert.deepEqual([client.tries, refusals.list()], [[0, 500], []]);
  });
}

test('what a client that is gone could not bind is not told any more', () => {
  const refusals = createRefusals();
  for (const id of ['one', 'two']) follow('delta', id, refusals, new Set(['b'])).put([a, b]);
  refusals.of('default', 'test 1').over('one');
  assert.deepEqual(
    refusals.list().map(({ node }) => node),
    ['two'],
  );
});

test('other words, and other types, concern all of a version', () => {
  const words = "Error adding/updating listener(s) b: cannot bind '0.0.0.0:81': Permission denied\nc: no filter of that name";
  assert.deepEqual(
    [
      isOfPlace('listeners', 'b', words, false),
      isOfPlace('listeners', 'c', words, false),
      isOfPlace('listeners', 'b', "cannot bind '0.0.0.0:81': Address already in use", true),
      isOfPlace('clusters', 'b', words, true),
      isOfPlace('listeners', 'b', "error adding listener: 'b' has duplicate address '0.0.0.0:81' as existing listener", false),
      isOfPlace('listeners', 'a', "error adding listener: 'b' has duplicate address '0.0.0.0:81' as existing listener", false),
    ],
    [true, false, true, false, true, false],
  );
  const refusals = createRefusals();
  const { type, name, version, origins } = cluster('b');
  refusals.of('default', 'test 1').note({ type, name, version, origins, instead: 'nothing', message: 'b: too old' });
  refusals.of('default', 'test 1').over('one');
  assert.equal(refusals.list().length, 1);
});
