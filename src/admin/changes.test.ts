import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../../test/fake/clock.ts';
import type { NodeStatus } from '../ads/stream/status.ts';
import type { StatusAnswer } from './api/status.ts';
import { createChanges } from './changes.ts';

const node = (id: string, state: 'ACKED' | 'PENDING' | 'NACKED' = 'ACKED', lagMs = 0): NodeStatus => ({
  id,
  group: 'default',
  agent: 'envoy',
  protocol: 'delta',
  peer: `127.0.0.1:${id}`,
  connectedAt: 0,
  types: { routes: { state, subscribed: '*', acked: 1, lagMs } },
});

const empty: StatusAnswer = {
  version: '1',
  now: 0,
  ready: true,
  waitingFor: [],
  groups: [{ name: 'default', revision: 'r1' }],
  nodes: [],
  sources: [],
  diagnostics: { error: 0, warning: 0, info: 0 },
  held: [],
  releases: [],
  warmUps: [],
  endpointLag: [],
};

function setUp() {
  const clock = createFakeClock();
  const changes = createChanges(clock);
  let status = empty;
  let diagnostics = '';
  let looks = 0;
  changes.lookAt(() => {
    looks += 1;
    return { status: { ...status, now: clock.now() }, diagnostics };
  });
  function follow() {
    const events: (readonly [string, unknown])[] = [];
    const unfollow = changes.follow((event, data) => events.push([event, JSON.parse(data)]));
    return { events, unfollow };
  }
  const become = (next: Partial<StatusAnswer>, text = diagnostics): void => {
    status = { ...status, ...next };
    diagnostics = text;
    changes.touch();
  };
  return { clock, changes, follow, become, looks: () => looks };
}

test('who follows is told everything first, then what is different', () => {
  const { clock, changes, follow, become } = setUp();
  const { events } = follow();
  assert.deepEqual(
    events.map(([event]) => event),
    ['state'],
  );
  become({
    groups: [
      { name: 'default', revision: 'r2' },
      { name: 'other', revision: 'x' },
    ],
  });
  changes.replaced('default', { routes: ['a'] });
  changes.replaced('default', { clusters: ['a'] });
  clock.advance(1000);
  const changed = [
    { name: 'default', revision: 'r2', types: ['routes', 'clusters'] },
    { name: 'other', revision: 'x', types: [] },
  ];
  assert.deepEqual(events.slice(1), [['groups', { changed, gone: [] }]]);
  changes.replaced('default', { endpoints: ['a'] });
  become({ groups: [{ name: 'default', revision: 'r2' }] });
  clock.advance(1000);
  assert.deepEqual(events.slice(2), [['groups', { changed: [{ name: 'default', revision: 'r2', types: ['endpoints'] }], gone: ['other'] }]]);
});

test('streams are told when they come, change and go, and not because time passes', () => {
  const { clock, follow, become } = setUp();
  const { events } = follow();
  become({ nodes: [node('1'), node('2', 'PENDING', 5)] });
  clock.advance(1000);
  become({ nodes: [node('1'), node('2', 'PENDING', 900)] });
  clock.advance(1000);
  become({ nodes: [node('2', 'NACKED')] });
  clock.advance(1000);
  assert.deepEqual(events.slice(1), [
    ['nodes', { changed: [node('1'), node('2', 'PENDING', 5)], gone: [] }],
    ['nodes', { changed: [node('2', 'NACKED')], gone: [{ id: '1', group: 'default', peer: '127.0.0.1:1' }] }],
  ]);
});

test('another text of a diagnostic is told though the counts are the same', () => {
  const { clock, follow, become } = setUp();
  const { events } = follow();
  become({}, 'another');
  clock.advance(1000);
  assert.deepEqual(
    events.slice(1).map(([event]) => event),
    ['server'],
  );
  become({});
  clock.advance(1000);
  assert.equal(events.length, 2);
});

test('however much happens it is looked at twice a second, once for all, and not at all where nobody follows', () => {
  const { clock, changes, follow, become, looks } = setUp();
  for (let index = 0; index < 100; index++) changes.touch();
  clock.advance(1000);
  assert.equal(looks(), 0);
  const [first, second] = [follow(), follow()];
  const before = looks();
  for (let index = 0; index < 400; index++) {
    become({ groups: [{ name: 'default', revision: `r${index}` }] });
    clock.advance(10);
  }
  assert.ok(looks() - before <= 9, `${looks() - before} looks in 4 s`);
  assert.deepEqual(first.events.slice(1), second.events.slice(1));
  first.unfollow();
  second.unfollow();
  const after = looks();
  become({ groups: [] });
  clock.advance(1000);
  assert.equal(looks(), after);
});

test('what nobody tells of, as it comes by time, is looked for', () => {
  const clock = createFakeClock();
  const changes = createChanges(clock);
  let looks = 0;
  changes.lookAt(() => {
    looks += 1;
    return { status: empty, diagnostics: clock.now() >= 60_000 ? 'a certificate has expired' : '' };
  });
  const events: string[] = [];
  const unfollow = changes.follow((event) => events.push(event));
  clock.advance(59_000);
  assert.deepEqual(events, ['state']);
  clock.advance(12_000);
  assert.deepEqual(events, ['state', 'server']);
  unfollow();
  looks = 0;
  clock.advance(60_000);
  assert.equal(looks, 0);
});

test('the first change after a quiet time is told at once', () => {
  const { clock, follow, become } = setUp();
  const { events } = follow();
  clock.advance(1000);
  become({ ready: false });
  clock.advance(60);
  assert.equal(events.length, 2);
});

test('whoever comes later begins with the state that the others have', () => {
  const { clock, follow, become } = setUp();
  const early = follow();
  become({ ready: false });
  const late = follow();
  clock.advance(1000);
  assert.deepEqual(
    early.events.map(([event]) => event),
    ['state', 'server'],
  );
  assert.deepEqual(
    late.events.map(([event, data]) => [event, (data as StatusAnswer).ready]),
    [['state', false]],
  );
});

test('at the end all are told, and nobody follows any more', () => {
  const { changes, follow } = setUp();
  const { events } = follow();
  changes.stop();
  assert.deepEqual(events.at(-1), ['end', { reason: 'the server is stopping' }]);
  assert.equal(changes.followers(), 0);
});
