import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import { share } from '../../test/fake/representation.ts';
import { readyEndpoint, sharesOf, splitSnapshot } from '../../test/fake/split-snapshot.ts';
import type { Snapshot } from '../resource.ts';
import { lifeIn, withLivingShares } from '../revision/living-shares.ts';
import { createPublisher } from './publisher.ts';
import { createSharesFirst } from './shares-first.ts';

const tried = new Set(['tried']);
const clusters = ['v1', 'v2', 'v3'] as const;
type Cluster = (typeof clusters)[number];

/** What is served while all of these live but the dead ones. @param weight of v1: each is a revision. */
function living(weight: number, dead: readonly Cluster[] = []): Snapshot {
  const endpoints = Object.fromEntries(clusters.map((name) => [name, dead.includes(name) ? [] : [readyEndpoint]]));
  return withLivingShares(splitSnapshot([share('v1', weight), share('v2', 10), share('v3', 5)], endpoints));
}

function start() {
  const clock = createFakeClock();
  const publisher = createPublisher();
  const told: string[] = [];
  publisher.subscribe((_snapshot, change, isFor) => {
    const nodes = ['usual', 'tried'].filter(isFor);
    told.push(`${nodes.join(' and ')}: ${Object.entries(change).map(([type, names]) => `${type} ${names.join()}`)}`);
  });
  const { put } = createSharesFirst(publisher, clock);
  return {
    clock,
    /** What the Envoys were told since it was asked last. */
    told: () => told.splice(0),
    /** Clusters that an Envoy sends to, and of these such as have nobody there. */
    of(node: string) {
      const snapshot = publisher.get('default', node) as Snapshot;
      const sent = [...new Set(sharesOf(snapshot).map(([name]) => name))];
      return { sent, nobody: sent.filter((name) => lifeIn(snapshot.resources.endpoints, name) !== 'ready') };
    },
    usual: (dead: readonly Cluster[], changed?: readonly Cluster[]) => put('default', { stable: living(80, dead) }, changed && new Set(changed)),
    trial: (dead: readonly Cluster[], changed?: readonly Cluster[]) =>
      put('default', { stable: living(80, dead), candidate: { snapshot: living(60, dead), nodes: tried } }, changed && new Set(changed)),
  };
}

test('a share goes before the endpoints that it had', () => {
  const { usual, told, clock } = start();
  usual([]);
  told();
  usual(['v2'], ['v2']);
  assert.deepEqual(told(), ['usual and tried: routes default/80']);
  clock.advance(100);
  assert.deepEqual(told(), ['usual and tried: endpoints v2']);
});

test('so it does for those that try a revision, and for the others', () => {
  const { trial, told, clock, of } = start();
  trial([]);
  told();
  trial(['v2'], ['v2']);
  assert.deepEqual(told(), ['usual: routes default/80', 'tried: routes default/80']);
  clock.advance(100);
  assert.deepEqual(told(), ['usual: endpoints v2', 'tried: endpoints v2']);
  for (const node of ['usual', 'tried']) assert.deepEqual(of(node), { sent: ['v1', 'v3'], nobody: [] });
});

test('a trial that begins or ends meanwhile takes all along for those that change over, and the others go on', () => {
  const { usual, trial, told, clock } = start();
  usual([]);
  told();
  usual(['v2'], ['v2']);
  trial(['v2']);
  const [, begun] = told();
  assert.match(begun ?? '', /^tried: .*routes default\/80/);
  assert.match(begun ?? '', /endpoints v2/);
  clock.advance(100);
  assert.deepEqual(told(), ['usual: endpoints v2']);
});

test('a share that is lost meanwhile has its own moment, and what comes back is there at once', () => {
  const { usual, told, clock, of } = start();
  usual([]);
  usual(['v2'], ['v2']);
  clock.advance(60);
  told();
  usual(['v2', 'v3'], ['v3']);
  assert.deepEqual(told(), ['usual and tried: routes default/80']);
  clock.advance(60);
  assert.deepEqual([told(), of('usual')], [[], { sent: ['v1'], nobody: [] }]);
  usual(['v3'], ['v2']);
  assert.deepEqual(told(), ['usual and tried: routes default/80']);
  clock.advance(40);
  assert.deepEqual(told(), ['usual and tried: endpoints v3']);
});
