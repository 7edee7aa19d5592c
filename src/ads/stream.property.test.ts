import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random as createRandom } from '../../test/fake/random.ts';
import { cluster, endpoints, listener, routes, snapshotOf } from '../../test/fake/resources.ts';
import { createPeer } from '../../test/fake/xds-peer.ts';
import { type Resource, resourceTypes, type Snapshot } from '../resource.ts';
import { references } from '../revision/references.ts';
import { changeBetween } from '../revision/revision.ts';
import type { Answer } from './answer.ts';
import type { Effect } from './effect.ts';
import type { XdsRequest } from './request.ts';
import { createStream, type Stream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

const names = ['a', 'b', 'c', 'd'];

/** A consistent state: some clusters with endpoints, and routes that use only these. */
function stateOf(random: () => number): readonly Resource[] {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? 'a';
  const used = names.filter(() => random() < 0.6);
  if (used.length === 0) used.push('a');
  const list: Resource[] = used.flatMap((name) => [cluster(name, 1000 + Math.floor(random() * 2)), endpoints(name, [1 + Math.floor(random() * 3)])]);
  for (const [index, name] of ['l', 'm'].entries()) {
    if (index > 0 && random() < 0.3) continue;
    list.push(listener(name, 10 + index), routes(name, { '/x': pick(used), '/': pick(used) }));
  }
  return list;
}

/** Runs one history and checks after every message; `refusing` makes the client refuse some versions. */
function run(protocol: 'sotw' | 'delta', seed: number, refusing: boolean): void {
  const { next: random } = createRandom(seed);
  const isRefused = ({ type, name, version }: Resource): boolean =>
    refusing && type !== 'endpoints' && !calm && (version.charCodeAt(0) + name.length) % 5 === 0;
  let calm = false;
  const peer = createPeer({ protocol, refuse: (resource) => (isRefused(resource) ? 'refused' : undefined) });
  let snapshot: Snapshot = snapshotOf('default', stateOf(random));
  let now = 0;
  let stream: Stream = createStream({ protocol, peer: '', connectedAt: now, limits: defaultStreamLimits });
  // What is under way on the wire, in order, each direction for itself.
  let toClient: Answer[] = [];
  let toServer: XdsRequest[] = [];

  const send = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      assert.notEqual(effect.type, 'close');
      if (effect.type === 'send') toClient.push(effect.answer);
      if (effect.type === 'identified') send(stream.step({ type: 'snapshot', snapshot }, now));
    }
  };
  const connect = (): void => {
    stream = createStream({ protocol, peer: '', connectedAt: now, limits: defaultStreamLimits });
    toClient = [];
    toServer = [];
    // A client asks for all it needs in one go.
    for (const request of peer.connect()) send(stream.step({ type: 'request', request }, now));
  };
  const put = (next: Snapshot): void => {
    const change = changeBetween(snapshot, next);
    snapshot = next;
    send(stream.step({ type: 'snapshot', snapshot, change }, now));
  };
  const deliverToServer = (): void => {
    const request = toServer.shift();
    if (request) send(stream.step({ type: 'request', request }, now));
  };
  const deliverToClient = (): void => {
    const answer = toClient.shift();
    if (!answer) return;
    toServer.push(...peer.receive(answer));
    if (refusing) return;
    for (const route of peer.held.routes.values()) {
      for (const name of references(route).clusters) assert.ok(peer.held.clusters.has(name), `route ${route.name} without cluster ${name}`);
    }
  };
  const settle = (): void => {
    for (let turn = 0; turn < 60; turn++) {
      while (toServer.length + toClient.length > 0) {
        deliverToServer();
        deliverToClient();
      }
      const at = stream.wakeAt();
      if (at === undefined) return;
      now = Math.max(now, at);
      send(stream.step({ type: 'woken' }, now));
    }
    assert.fail('the stream never comes to rest');
  };

  connect();
  for (let turn = 0; turn < 60; turn++) {
    now += Math.floor(random() * 2000);
    const dice = random();
    if (dice < 0.15) put(snapshotOf('default', stateOf(random)));
    else if (dice < 0.2) connect();
    else if (dice < 0.55) deliverToServer();
    else if (dice < 0.9) deliverToClient();
    else if ((stream.wakeAt() ?? Number.POSITIVE_INFINITY) <= now) send(stream.step({ type: 'woken' }, now));
  }
  settle();
  if (refusing) {
    calm = true;
    put(snapshotOf('default', [...names.flatMap((name) => [cluster(name, 5000), endpoints(name, [9])]), listener('l', 20), routes('l', { '/z': 'a' })]));
    settle();
  }
  for (const type of resourceTypes) {
    const versions = (resources: Iterable<Resource>) => [...resources].map(({ name, version }) => `${name} ${version}`).sort();
    assert.deepEqual(versions(peer.held[type].values()), versions(snapshot.resources[type].values()), `${type} differ`);
  }
  assert.deepEqual(peer.repeats, []);
  if (!refusing || calm) assert.equal(stream.status(now, '').revisionAcked, snapshot.revision);
}

for (const protocol of ['sotw', 'delta'] as const) {
  for (const refusing of [false, true]) {
    test(`random histories in ${protocol}${refusing ? ' with refusals' : ''}: the client ends with the server's state, in order, without repeats`, () => {
      for (let seed = 1; seed <= 150; seed++) {
        try {
          run(protocol, seed, refusing);
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });
  }
}
