import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import { createClusterClient } from '../../src/kubernetes/client.ts';
import { type LeaderElection, leaseMs, startLeaderElection } from '../../src/kubernetes/lease.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import { waitFor } from '../e2e/wait.ts';

let cluster: ApiServer;
before(
  async () => {
    cluster = await startApiServer({ crds: false });
  },
  { timeout: 900_000 },
);
after(() => cluster?.close());

interface Replica {
  readonly election: LeaderElection;
  readonly changes: boolean[];
  readonly errors: unknown[];
  /** From now on none of its requests is answered. */
  cut(): void;
}

function replica(name: string, identity: string, clock: Clock = systemClock): Replica {
  const client = createClusterClient({ kubeconfig: cluster.kubeconfig }, systemClock);
  const changes: boolean[] = [];
  const errors: unknown[] = [];
  let isCut = false;
  const ask: typeof client.ask = (request) => (isCut ? Promise.reject(new Error('cut')) : client.ask(request));
  const election = startLeaderElection({ ask }, clock, {
    namespace: 'default',
    name,
    identity,
    random: Math.random,
    onChange: (is) => changes.push(is),
    onError: (error) => errors.push(error),
  });
  return { election, changes, errors, cut: () => (isCut = true) };
}

const leaseOf = async (name: string): Promise<{ spec: { holderIdentity: string; leaseTransitions: number } }> =>
  JSON.parse(await cluster.get(`/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`));

test('of two replicas that start together one leads, and the other takes a Lease that is given back at once', async () => {
  const both = [replica('given', 'a'), replica('given', 'b')];
  await waitFor('one leads', () => both.some(({ election }) => election.isLeader()), 60_000);
  const [leader, follower] = both[0]?.election.isLeader() ? both : both.toReversed();
  assert.ok(leader && follower);
  assert.equal(follower.election.isLeader(), false);
  const startedAt = performance.now();
  await leader.election.stop();
  assert.deepEqual([leader.election.isLeader(), leader.changes], [false, [true, false]]);
  await waitFor('the other leads', () => follower.election.isLeader(), 60_000);
  assert.ok(performance.now() - startedAt < leaseMs * 0.9, 'it did not wait for the Lease to run out');
  assert.deepEqual([follower.changes, leader.errors, follower.errors], [[true], [], []]);
  await follower.election.stop();
  assert.equal((await leaseOf('given')).spec.holderIdentity, '');
});

test('a leader that is cut off stops to lead before another takes over', { timeout: 600_000 }, async () => {
  const first = replica('cut', 'a');
  await waitFor('the first leads', () => first.election.isLeader(), 60_000);
  const second = replica('cut', 'b');
  first.cut();
  let both = 0;
  await waitFor(
    'the second leads',
    () => {
      if (first.election.isLeader() && second.election.isLeader()) both += 1;
      return second.election.isLeader();
    },
    60_000,
  );
  assert.deepEqual([both, first.changes, second.changes], [0, [true, false], [true]]);
  assert.deepEqual([(await leaseOf('cut')).spec.holderIdentity, (await leaseOf('cut')).spec.leaseTransitions], ['b', 1]);
  await Promise.all([first.election.stop(), second.election.stop()]);
});

test('a replica that stood still does not believe to lead', async () => {
  let ahead = 0;
  const clock: Clock = { ...systemClock, steady: () => systemClock.steady() + ahead };
  const one = replica('still', 'a', clock);
  await waitFor('it leads', () => one.election.isLeader(), 60_000);
  ahead = leaseMs;
  assert.equal(one.election.isLeader(), false);
  await one.election.stop();
});
