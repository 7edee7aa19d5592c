import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cluster, endpoints, listener, routes, snapshotOf } from '../../test/fake/resources.ts';
import type { ReleaseSettings } from '../settings.ts';
import { type Configuration, candidateOf, type Release, type ReleaseEvent, stepRelease, tickAt } from './release.ts';
import { releaseNews } from './release-news.ts';
import { releaseStatus } from './release-status.ts';
import type { ConnectedNode } from './rollout.ts';

const holdMs = 300_000;
const settings: ReleaseSettings = { fusePercent: 30, fuseHoldMs: holdMs };
const canary: ReleaseSettings = { ...settings, canary: { share: { percent: 40 }, watchMs: 60_000 } };

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** A group with some clusters of one endpoint each, and as many routes. @param ports endpoints that differ, by cluster. */
function made(clusters: number, { listeners = 1, ports = {} as Readonly<Record<string, readonly number[]>> } = {}): Configuration {
  const names = numbers(clusters).map((index) => `c${index}`);
  const snapshot = snapshotOf('g', [
    ...names.flatMap((name) => [cluster(name), endpoints(name, ports[name] ?? [1])]),
    ...numbers(listeners).map((index) => listener(`l${index}`, 80 + index, 'r')),
    routes('r', Object.fromEntries(names.map((name) => [`/${name}`, name]))),
  ]);
  return { snapshot, endpointOrigins: new Map() };
}

type Step = ReleaseEvent | { readonly type: 'after'; readonly milliseconds: number };

/** A build whose served configuration is up to date as it is. @param current what of it is new. */
const built = (newest: Configuration | undefined, isBulk = false, current?: Configuration): ReleaseEvent => ({
  type: 'built',
  newest,
  current: () => current,
  isBulk,
});

/** Runs steps from a group that serves `first`; a build is handed what is served, unless it says what is current. */
function run(first: Configuration, steps: readonly Step[], { by = settings, connected = [] as readonly ConnectedNode[], start = {} as Release } = {}) {
  let now = 1_000_000;
  let release = stepRelease(start, built(first, true), { now, date: now, settings: by, connected: () => connected });
  const told: string[] = [];
  for (const step of steps) {
    if (step.type === 'after') now += step.milliseconds;
    const before = release;
    const event = step.type === 'after' ? ({ type: 'tick' } as const) : step;
    release = stepRelease(before, event.type === 'built' ? { ...event, current: () => event.current() ?? before.served } : event, {
      now,
      date: now,
      settings: by,
      connected: () => connected,
    });
    told.push(...releaseNews(before, release).map(({ type }) => type));
  }
  return {
    release,
    told,
    now,
    served: release.served?.snapshot.resources.clusters.size,
    held: releaseStatus('g', release, { settings: by, goneObjects: () => [], dateOf: (at) => at }).held,
  };
}

describe('what is held', () => {
  const cases: readonly [what: string, before: Configuration, after: Configuration | undefined, isBulk: boolean, held: string | undefined][] = [
    ['a few of many in bulk', made(100), made(90), true, undefined],
    ['a third of many in bulk', made(100), made(66), true, 'a bulk change takes away 34 of 100 routes, 34 of 100 clusters'],
    ['just the share', made(100), made(70), true, undefined],
    ['nine are never too many', made(10), made(1), true, undefined],
    ['ten of ten', made(11), made(1), true, 'a bulk change takes away 10 of 11 routes, 10 of 11 clusters'],
    ['the last listener', made(3), made(3, { listeners: 0 }), true, 'a bulk change takes away 1 of 1 listeners'],
    ['one of two listeners', made(3, { listeners: 2 }), made(3), true, undefined],
    ['a group', made(3), undefined, true, 'a bulk change takes away 1 of 1 listeners, 3 of 3 routes, 3 of 3 clusters'],
    ['the same by single events', made(100), made(1, { listeners: 0 }), false, undefined],
    ['a group by single events', made(3), undefined, false, undefined],
  ];
  for (const [what, before, after, isBulk, why] of cases) {
    test(what, () => {
      const { held, release } = run(before, [built(after, isBulk)]);
      assert.equal(held?.why, why);
      assert.equal(release.served?.snapshot.revision, (why === undefined ? after : before)?.snapshot.revision);
    });
  }

  test('the setting moves the share', () => {
    assert.equal(run(made(100), [built(made(40), true)], { by: { ...settings, fusePercent: 60 } }).held, undefined);
    assert.equal(run(made(100), [built(made(40), true)], { by: { ...settings, fusePercent: 59 } }).held?.reason, 'bulk');
  });
});

describe('a change that is held', () => {
  const wiped = built(made(1), true);
  const cases: readonly [what: string, steps: readonly Step[], served: number | undefined, held: boolean, told: readonly string[]][] = [
    ['goes out by itself', [wiped, { type: 'after', milliseconds: holdMs }], 1, false, ['held', 'switched']],
    ['does so not a moment before', [wiped, { type: 'after', milliseconds: holdMs - 1 }], 50, true, ['held']],
    ['goes out when it is confirmed', [wiped, { type: 'confirm' }], 1, false, ['held', 'switched']],
    ['stays when it is discarded', [wiped, { type: 'discard' }, { type: 'after', milliseconds: 10 * holdMs }], 50, true, ['held']],
    ['can be confirmed after that', [wiped, { type: 'discard' }, { type: 'confirm' }], 1, false, ['held', 'switched']],
    [
      'is judged anew with something newer',
      [wiped, { type: 'discard' }, built(made(2)), { type: 'after', milliseconds: holdMs }],
      2,
      false,
      ['held', 'switched'],
    ],
    ['ends when it is undone', [wiped, built(made(50))], 50, false, ['held', 'undone']],
    ['does not end at once when much is back', [wiped, built(made(40)), { type: 'after', milliseconds: 9_999 }], 50, true, ['held']],
    [
      'waits for more to come back',
      [wiped, built(made(40)), { type: 'after', milliseconds: 9_999 }, built(made(41)), { type: 'after', milliseconds: 9_999 }],
      50,
      true,
      ['held'],
    ],
    ['ends when enough is back for a while', [wiped, built(made(40)), { type: 'after', milliseconds: 10_000 }], 40, false, ['held', 'switched']],
    [
      'waits for more no longer than for the whole',
      [wiped, { type: 'after', milliseconds: holdMs - 1 }, built(made(40)), { type: 'after', milliseconds: 1 }],
      40,
      false,
      ['held', 'switched'],
    ],
    ['taints what comes after it', [wiped, built(made(2))], 50, true, ['held']],
    [
      'counts its time from the beginning',
      [wiped, { type: 'after', milliseconds: holdMs - 1 }, built(made(2)), { type: 'after', milliseconds: 1 }],
      2,
      false,
      ['held', 'switched'],
    ],
    [
      'taints nothing any more when it was served',
      [wiped, { type: 'confirm' }, built(made(20)), built(made(2))],
      2,
      false,
      ['held', 'switched', 'switched', 'switched'],
    ],
    ['may be that a group vanished', [built(undefined, true), { type: 'after', milliseconds: holdMs }], undefined, false, ['held', 'gone']],
    ['may be that a group vanished and comes back', [built(undefined, true), built(made(50))], 50, false, ['held', 'undone']],
  ];
  for (const [what, steps, served, held, told] of cases) {
    test(what, () => {
      const result = run(made(50), steps);
      assert.deepEqual([result.served, result.held !== undefined, result.told], [served, held, told]);
    });
  }

  test('says when it goes out, and asks to be woken then', () => {
    const { release, now, held } = run(made(50), [wiped]);
    assert.equal(held?.goesOutAt, now + holdMs);
    assert.equal(tickAt(release, { now, settings }), now + holdMs);
    assert.equal(tickAt(stepRelease(release, { type: 'discard' }, { now, date: now, settings, connected: () => [] }), { now, settings }), undefined);
  });
});

describe('endpoints that a bulk change takes away', () => {
  const many = numbers(20).map((index) => index + 1);
  const before = made(3, { ports: { c0: [1, 2], c1: many } });
  const portsOf = (release: Release, name: string): string | undefined => release.served?.snapshot.resources.endpoints.get(name)?.version;
  const same = (release: Release, name: string, as: Configuration): boolean => portsOf(release, name) === as.snapshot.resources.endpoints.get(name)?.version;

  test('stay, of a cluster that would lose all or most of them', () => {
    const after = made(3, { ports: { c0: [], c1: many.slice(0, 5), c2: [7] } });
    const { release, held } = run(before, [built(after, true, after)]);
    assert.deepEqual([same(release, 'c0', before), same(release, 'c1', before), same(release, 'c2', after)], [true, true, true]);
    assert.equal(held?.why, 'a bulk change takes away the endpoints of 2 clusters');
    assert.deepEqual(held?.kept?.endpoints, { count: 2, of: 3, names: ['c0', 'c1'] });
  });

  test('go one by one', () => {
    const after = made(3, { ports: { c0: [], c1: [1] } });
    const { release, held } = run(before, [built(after, false, after)]);
    assert.deepEqual([same(release, 'c0', after), same(release, 'c1', after), held], [true, true, undefined]);
  });

  test('are followed again when something of them is back, or after the time', () => {
    const empty = made(3, { ports: { c0: [], c1: [] } });
    const partly = made(3, { ports: { c0: [3], c1: [] } });
    const { release, held } = run(before, [built(empty, true, empty), built(partly, false, partly)]);
    assert.deepEqual([same(release, 'c0', partly), same(release, 'c1', before), held?.kept?.endpoints.names], [true, true, ['c1']]);
    const late = run(before, [built(empty, true, empty), { type: 'after', milliseconds: holdMs }]);
    assert.deepEqual([same(late.release, 'c0', empty), late.held], [true, undefined]);
  });

  test('of other clusters change meanwhile, also to none', () => {
    const empty = made(3, { ports: { c0: [], c1: many } });
    const both = made(3, { ports: { c0: [], c1: many, c2: [] } });
    const { release, held } = run(before, [built(empty, true, empty), { ...built(both, false, both), only: new Set(['c2']) } as Step]);
    assert.deepEqual([same(release, 'c0', before), same(release, 'c2', both), held?.kept?.endpoints.names], [true, true, ['c0']]);
  });
});

describe('a pinned group', () => {
  const cases: readonly [what: string, steps: readonly Step[], served: number, newest: number, told: readonly string[]][] = [
    ['stays as it is', [{ type: 'pin', why: 'x' }, built(made(60))], 50, 60, ['pinned']],
    ['goes on with the newest', [{ type: 'pin', why: 'x' }, built(made(60)), built(made(61)), { type: 'unpin' }], 61, 61, ['pinned', 'switched', 'unpinned']],
    ['has gone back', [built(made(60)), { type: 'rollback', to: made(50), why: 'x' }, built(made(61))], 50, 61, ['switched', 'switched', 'pinned']],
    ['is judged when it goes on', [{ type: 'pin', why: 'x' }, built(made(1), true), { type: 'unpin' }], 50, 1, ['pinned', 'held', 'unpinned']],
    [
      'is judged by what it has then',
      [{ type: 'pin', why: 'x' }, built(made(1), true), { type: 'rollback', to: made(2), why: 'x' }, { type: 'unpin' }],
      1,
      1,
      ['pinned', 'held', 'switched', 'pinned', 'switched', 'unpinned'],
    ],
    ['lets nothing out by time', [{ type: 'pin', why: 'x' }, built(made(1), true), { type: 'after', milliseconds: holdMs }], 50, 1, ['pinned', 'held']],
  ];
  for (const [what, steps, served, newest, told] of cases) {
    test(what, () => {
      const { release, ...result } = run(made(50), steps);
      assert.deepEqual([result.served, release.newest?.snapshot.resources.clusters.size, result.told], [served, newest, told]);
    });
  }

  test('says that something newer is held', () => {
    assert.equal(run(made(5), [{ type: 'pin', why: 'x' }]).held, undefined);
    assert.deepEqual(run(made(5), [{ type: 'pin', why: 'x' }, built(made(6))]).held, { reason: 'pin', why: 'x', since: 1_000_000 });
  });
});

describe('a revision that goes to a few Envoys first', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const good = made(51);
  const nodes = (acked: Configuration, without: readonly string[] = []): ConnectedNode[] =>
    ids.filter((id) => !without.includes(id)).map((id) => ({ id, group: 'g', revisionAcked: acked.snapshot.revision }));
  const onTwo = run(made(50), [built(good)], { by: canary, connected: nodes(good) });
  const [one = '', other = ''] = onTwo.release.rollout?.nodes ?? [];
  const stable = ids.find((id) => id !== one && id !== other) ?? '';
  const watch: Step = { type: 'after', milliseconds: 60_000 };

  test('is the candidate of its share, and of no other', () => {
    assert.equal(onTwo.release.rollout?.nodes.size, 2);
    assert.deepEqual([onTwo.served, candidateOf(onTwo.release)?.snapshot, onTwo.told], [50, good.snapshot, ['tried']]);
    assert.equal(onTwo.held, undefined);
  });

  const cases: readonly [what: string, steps: readonly Step[], served: number, refusal: RegExp | undefined, options?: { connected: ConnectedNode[] }][] = [
    ['goes on after the watch', [built(good), watch], 51, undefined],
    ['does so not before', [built(good), { type: 'after', milliseconds: 59_999 }], 50, undefined],
    ['goes back when it is refused', [built(good), { type: 'refused', node: one, why: `${one} refused clusters` }, watch], 50, /refused clusters/],
    ['does not mind what others refuse', [built(good), { type: 'refused', node: stable, why: 'x' }, watch], 51, undefined],
    ['goes back when a stream is lost twice', [built(good), { type: 'lost', node: one }, { type: 'lost', node: one }, watch], 50, /lost its stream 2 times/],
    ['forgives one', [built(good), { type: 'lost', node: one }, { type: 'lost', node: other }, watch], 51, undefined],
    ['goes back when it does not get warm', [built(good), watch], 50, /has not acknowledged/, { connected: nodes(made(50)) }],
    ['goes on when it is confirmed', [built(good), { type: 'confirm' }], 51, undefined],
    ['goes back when it is discarded', [built(good), { type: 'discard' }, watch], 50, /discarded/],
    ['can be confirmed after it went back', [built(good), { type: 'discard' }, { type: 'confirm' }], 51, undefined],
    ['is not tried again while nothing is newer', [built(good), { type: 'discard' }, built(made(51)), watch], 50, /discarded/],
    ['gives way to a newer one', [built(good), { type: 'discard' }, built(made(52)), { type: 'confirm' }], 52, undefined],
    ['ends when it is undone', [built(good), built(made(50)), watch], 50, undefined],
    ['ends when the group is pinned', [built(good), { type: 'pin', why: 'x' }, watch], 50, undefined],
    ['ends when a bulk change is held', [built(good), built(made(1), true), watch], 50, undefined],
  ];
  for (const [what, steps, served, refusal, { connected } = { connected: nodes(good) }] of cases) {
    test(what, () => {
      const result = run(made(50), steps, { by: canary, connected });
      assert.equal(result.served, served);
      if (refusal) assert.match(result.release.refusal?.why ?? '', refusal);
      else assert.equal(result.release.refusal, undefined);
    });
  }

  test('goes back when one of its Envoys is gone at the end', () => {
    let now = 0;
    const context = (connected: readonly ConnectedNode[]) => ({ now, date: now, settings: canary, connected: () => connected });
    const before = stepRelease(run(made(50), [], { by: canary }).release, built(good, false, made(50)), context(nodes(good)));
    const gone = [...(before.rollout?.nodes ?? [])][0] ?? '';
    now += 60_000;
    const after = stepRelease(before, { type: 'tick' }, context(nodes(good, [gone])));
    assert.match(after.refusal?.why ?? '', new RegExp(`${gone} is not connected`));
  });

  test('newer ones take its place on the same Envoys, and are watched from the beginning', () => {
    const newer = made(52);
    const { release, served } = run(made(50), [built(good), { type: 'after', milliseconds: 50_000 }, built(newer), { type: 'after', milliseconds: 50_000 }], {
      by: canary,
      connected: nodes(newer),
    });
    assert.deepEqual([[...(release.rollout?.nodes ?? [])], served, candidateOf(release)?.snapshot], [[one, other], 50, newer.snapshot]);
  });

  test('nobody to try it on: it is served', () => {
    assert.equal(run(made(50), [built(good)], { by: canary }).served, 51);
  });

  test('after a start it waits for Envoys, and tries it on their share', () => {
    const start: Release = { served: made(50) };
    const context = (now: number, connected: readonly ConnectedNode[]) => ({ now, date: now, settings: canary, connected: () => connected });
    let release = stepRelease(start, built(good, true, made(50)), context(0, []));
    assert.deepEqual([release.rollout?.nodes.size, candidateOf(release)], [0, undefined]);
    release = stepRelease(release, { type: 'tick' }, context(1_000, nodes(made(50), ['b', 'c', 'd', 'e'])));
    release = stepRelease(release, { type: 'tick' }, context(5_999, nodes(made(50))));
    assert.equal(release.rollout?.nodes.size, 0);
    release = stepRelease(release, { type: 'tick' }, context(6_000, nodes(made(50))));
    assert.deepEqual([release.rollout?.nodes.size, release.served?.snapshot.resources.clusters.size], [2, 50]);
  });

  const shares: readonly [share: { percent: number } | { nodes: number }, count: number][] = [
    [{ percent: 10 }, 1],
    [{ percent: 40 }, 2],
    [{ percent: 59 }, 2],
    [{ percent: 100 }, 5],
    [{ nodes: 3 }, 3],
    [{ nodes: 9 }, 5],
  ];
  for (const [share, count] of shares) {
    test(`a share of ${JSON.stringify(share)} of five`, () => {
      const { release } = run(made(50), [built(good)], { by: { ...settings, canary: { share, watchMs: 1 } }, connected: nodes(good) });
      assert.equal(release.rollout?.nodes.size, count);
    });
  }

  test('not always the same ones are first', () => {
    const firsts = numbers(20).map(
      (index) => [...(run(made(50), [built(made(60 + index))], { by: canary, connected: nodes(good) }).release.rollout?.nodes ?? [])][0],
    );
    assert.ok(new Set(firsts).size > 1);
  });
});

test('after a start what was stored is judged like what was served', () => {
  const stored: Release = { served: made(50) };
  const release = stepRelease(stored, built(made(1), true, made(50)), { now: 0, date: 0, settings, connected: () => [] });
  assert.deepEqual([release.served?.snapshot.resources.clusters.size, release.wipe?.loss.isWipe], [50, true]);
});

test('what is served is brought up to date where it may stay, and only there', () => {
  const context = (by: ReleaseSettings) => ({ now: 0, date: 0, settings: by, connected: () => [] });
  const served = stepRelease({}, built(made(50), true), context(settings));
  const isAsked = (release: Release, isBulk: boolean, by = settings): boolean => {
    let asked = false;
    const current = (): Configuration | undefined => {
      asked = true;
      return release.served;
    };
    stepRelease(release, { type: 'built', newest: made(51), current, isBulk }, context(by));
    return asked;
  };
  const held = stepRelease(served, built(made(1), true, made(50)), context(settings));
  const pinned = stepRelease(served, { type: 'pin', why: 'a person says so' }, context(settings));
  assert.deepEqual([isAsked(served, true), isAsked(held, false), isAsked(pinned, false), isAsked(served, false, canary)], [true, true, true, true]);
  assert.equal(isAsked(served, false), false);
});
