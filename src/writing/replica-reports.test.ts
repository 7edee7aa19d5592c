import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock, type FakeClock } from '../../test/fake/clock.ts';
import { passTime } from '../../test/fake/writer-context.ts';
import { ApiError } from '../kubernetes/api-error.ts';
import type { ClusterClient } from '../kubernetes/client.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';
import { agesKey, agesOfReplicas } from './replica-ages.ts';
import type { ReplicaReport } from './replica-report.ts';
import { type ReplicaReports, startReplicaReports } from './replica-reports.ts';

/** An API server that knows one Lease, and counts what is written. */
function createLease(): {
  readonly client: Pick<ClusterClient, 'ask' | 'namespace'>;
  annotations: Map<string, string> | undefined;
  writes: number;
  isAway: boolean;
} {
  const lease = {
    annotations: undefined as Map<string, string> | undefined,
    writes: 0,
    isAway: false,
    client: {
      namespace: 'sluice-system',
      async ask({ method = 'GET', body }: Parameters<ClusterClient['ask']>[0]): Promise<unknown> {
        if (lease.isAway) throw new Error('away');
        if (method === 'POST') lease.annotations = new Map();
        if (!lease.annotations) throw new ApiError(404, 'NotFound', 'there is none');
        if (method !== 'GET') {
          lease.writes += 1;
          const { annotations } = (body as { readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> } }).metadata;
          for (const [key, value] of Object.entries(annotations)) {
            if (value === null) lease.annotations.delete(key);
            else lease.annotations.set(key, value);
          }
        }
        return { metadata: { annotations: Object.fromEntries(lease.annotations) } };
      },
    },
  };
  return lease;
}

interface Replica {
  readonly reports: ReplicaReports;
  readonly errors: unknown[];
  changes(): number;
  /** Connects so many Envoys. */
  connect(envoys: number): void;
  /** What it knows of ages. */
  ages: KeptAges;
}

function replica(identity: string, clock: FakeClock, client: Pick<ClusterClient, 'ask' | 'namespace'>): Replica {
  let own: ReplicaReport = { groups: new Map(), refusals: [] };
  let changes = 0;
  const errors: unknown[] = [];
  const reports = startReplicaReports(client, clock, {
    identity,
    own: () => own,
    ages: () => made.ages,
    agreeOnAges(ages) {
      made.ages = { ...made.ages, ...ages };
    },
    onChange: () => (changes += 1),
    onError: (error) => errors.push(error),
  });
  const made: Replica = {
    ages: {},
    reports,
    errors,
    changes: () => changes,
    connect(envoys) {
      own = { groups: new Map([['default', { envoys, acknowledged: envoys, revision: 'r' }]]), refusals: [] };
      reports.touch();
    },
  };
  return made;
}

const envoysOf = ({ reports }: Replica): readonly (number | undefined)[] =>
  reports
    .others()
    .map(({ groups }) => groups.get('default')?.envoys)
    .toSorted();

test('the one that leads reads what others report, and reports nothing', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const [leader, follower] = [replica('a', clock, lease.client), replica('b', clock, lease.client)];
  leader.reports.lead();
  follower.connect(2);
  await passTime(clock, 5000);
  assert.deepEqual(envoysOf(leader), [2]);
  assert.equal(lease.annotations?.size, 1);
  const before = leader.changes();
  follower.connect(3);
  await passTime(clock, 4000);
  assert.deepEqual(envoysOf(leader), [3]);
  assert.equal(leader.changes(), before + 1, 'told once');
  assert.deepEqual([leader.errors, follower.errors, envoysOf(follower)], [[], [], []]);
});

test('what changes all the time is written once a second, and what stays the same every five', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const follower = replica('b', clock, lease.client);
  for (let count = 1; count <= 100; count++) {
    follower.connect(count);
    await passTime(clock, 100);
  }
  assert.ok(lease.writes >= 5 && lease.writes <= 10, `${lease.writes} in ten seconds`);
  const before = lease.writes;
  await passTime(clock, 60_000);
  assert.ok(lease.writes - before >= 10 && lease.writes - before <= 13, `${lease.writes - before} in a minute`);
});

test('the report of a replica that is gone ends after fifteen seconds, and nothing of it stays', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const [leader, other] = [replica('a', clock, lease.client), replica('c', clock, lease.client)];
  other.connect(1);
  await passTime(clock, 3000);
  const [[key, value] = assert.fail()] = lease.annotations ?? [];
  lease.annotations?.set(`${key}0`, value.replace('"c"', '"gone"'));
  leader.reports.lead();
  await passTime(clock, 14_000);
  assert.deepEqual(envoysOf(leader), [1, 1]);
  await passTime(clock, 6000);
  assert.deepEqual([envoysOf(leader), [...(lease.annotations?.keys() ?? [])]], [[1], [key]]);
});

test('who ends in order has no Envoys from then on, and who leads next has no report', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const [leader, first, second] = [replica('a', clock, lease.client), replica('b', clock, lease.client), replica('c', clock, lease.client)];
  leader.reports.lead();
  first.connect(1);
  second.connect(2);
  await passTime(clock, 5000);
  await first.reports.stop();
  await passTime(clock, 3000);
  assert.deepEqual(envoysOf(leader), [2, undefined]);
  await leader.reports.stop();
  second.reports.lead();
  await passTime(clock, 3000);
  assert.deepEqual(envoysOf(second), [undefined]);
  assert.equal(lease.annotations?.size, 1);
});

test('while the API server is away what was read stays, and what is to be reported is reported later', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const [leader, follower] = [replica('a', clock, lease.client), replica('b', clock, lease.client)];
  leader.reports.lead();
  follower.connect(1);
  await passTime(clock, 5000);
  lease.isAway = true;
  follower.connect(2);
  await passTime(clock, 30_000);
  assert.deepEqual(envoysOf(leader), [1]);
  assert.ok(leader.errors.length > 5 && follower.errors.length > 2);
  lease.isAway = false;
  await passTime(clock, 10_000);
  assert.deepEqual(envoysOf(leader), [2]);
});

const youngSince = (at: number): KeptAges => ({ 'default/a/http': { young: { '10.0.0.1 80': at } } });

test('ages that the one that writes knows are known to all, also to who starts and who writes next, and are told once', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  assert.deepEqual(await agesOfReplicas(lease.client), {}, 'there is no Lease');
  const leader = replica('a', clock, lease.client);
  leader.reports.lead();
  await passTime(clock, 5000);
  assert.equal(lease.writes, 0, 'nothing to tell');
  leader.ages = youngSince(1000);
  await passTime(clock, 10_000);
  assert.equal(lease.writes, 1);
  assert.deepEqual(await agesOfReplicas(lease.client), youngSince(1000));
  const follower = replica('b', clock, lease.client);
  await passTime(clock, 6000);
  assert.deepEqual(follower.ages, youngSince(1000));
  await leader.reports.stop();
  const next = replica('c', clock, lease.client);
  next.reports.lead();
  await passTime(clock, 3000);
  assert.deepEqual(next.ages, youngSince(1000), 'before it tells its own');
  next.ages = {};
  await passTime(clock, 3000);
  assert.ok(!lease.annotations?.has(agesKey));
  assert.deepEqual([leader.errors, follower.errors, next.errors], [[], [], []]);
});

test('ages that nobody understands are none, and those that find no room are left out', async () => {
  const clock = createFakeClock();
  const lease = createLease();
  const leader = replica('a', clock, lease.client);
  for (const text of ['{', '[]', '{"a":{"young":{"b":"c"}}}']) {
    lease.annotations = new Map([[agesKey, text]]);
    assert.deepEqual(await agesOfReplicas(lease.client), {}, text);
  }
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`10.0.${index >> 8}.${index & 255} 8080`, 1_700_000_000_000]));
  leader.ages = { many: { young: many }, few: youngSince(1)['default/a/http'] ?? assert.fail() };
  leader.reports.lead();
  await passTime(clock, 3000);
  assert.deepEqual(Object.keys(await agesOfReplicas(lease.client)), ['few']);
});
