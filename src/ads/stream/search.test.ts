import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSecret, endpoints, routes, secret, snapshotOf } from '../../../test/fake/resources.ts';
import { decode } from '../../proto/codec.ts';
import { type Resource, type ResourceType, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import { resource } from '../../xds/encode.ts';
import { createRefusals, type Refusals } from '../refusal/refusals.ts';
import type { Effect } from './effect.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

/** A client that takes an answer whole or refuses it whole, and never says what is bad. @param brought versions of what it has of an earlier stream. */
function follow(
  protocol: 'sotw' | 'delta',
  type: ResourceType,
  first: readonly Resource[],
  isBad: (resource: Resource) => boolean,
  refusals?: Refusals,
  agent = 'test 1',
  brought: Readonly<Record<string, string>> = {},
) {
  const stream = createStream({
    protocol,
    only: type,
    peer: 'test',
    connectedAt: 0,
    limits: defaultStreamLimits,
    ...(refusals ? { refusalsOf: refusals.of } : {}),
  });
  const held = new Map<string, Resource>();
  const names = first.map(({ name }) => name);
  const counts = { answers: 0, refused: 0 };
  let snapshot = snapshotOf('default', first);

  function reply(nonce: string, error?: string) {
    const head = { typeUrl: typeUrls[type], nonce, node: { id: 'n', group: 'default', agent }, ...(error === undefined ? {} : { error }) };
    const request =
      protocol === 'sotw'
        ? ({ protocol, ...head, names } as const)
        : ({ protocol, ...head, subscribe: nonce === '' ? names : [], unsubscribe: [], initialVersions: nonce === '' ? brought : {} } as const);
    run(stream.step({ type: 'request', request }, 0));
  }
  function run(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'send') continue;
      const { nonce, resources } = effect.answer;
      counts.answers += 1;
      if (resources.some(isBad)) {
        counts.refused += 1;
        reply(nonce, 'something in it is not good');
        continue;
      }
      for (const resource of resources) held.set(resource.name, resource);
      reply(nonce);
    }
  }
  reply('');
  run(stream.step({ type: 'snapshot', snapshot }, 0));
  return {
    held,
    counts,
    status: () => stream.status(0, ''),
    put(next: readonly Resource[]): void {
      const after = snapshotOf('default', next);
      const change = changeBetween(snapshot, after);
      snapshot = after;
      counts.answers = 0;
      counts.refused = 0;
      refusals?.replaced(after);
      run(stream.step({ type: 'snapshot', snapshot, change }, 0));
    },
  };
}

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const most = (guilty: number, all: number): number => 4 + 2 * guilty * (Math.ceil(Math.log2(all)) + 1);

for (const protocol of ['sotw', 'delta'] as const) {
  test(`${protocol}: of many resources without a word about which, the bad ones alone are held back`, () => {
    for (let seed = 1; seed <= 40; seed++) {
      const below = numbers(seed);
      const size = 1 + below(200);
      const bad = new Set(Array.from({ length: below(6) }, () => `e${below(size)}`));
      const name = (index: number): string => `e${index}`;
      const before = Array.from({ length: size }, (_, index) => endpoints(name(index), [1]));
      const after = Array.from({ length: size }, (_, index) => endpoints(name(index), [2]));
      const isBad = (one: Resource): boolean => bad.has(one.name) && one.version !== before[Number(one.name.slice(1))]?.version && after.includes(one);
      const client = follow(protocol, 'endpoints', before, isBad);
      client.put(after);
      for (const [index, { name, version }] of after.entries()) {
        assert.equal(client.held.get(name)?.version, bad.has(name) ? before[index]?.version : version, `seed ${seed}: ${name}`);
      }
      assert.ok(client.counts.answers <= most(bad.size, size), `seed ${seed}: ${client.counts.answers} answers for ${bad.size} bad of ${size}`);
      client.put(before);
      assert.equal(client.counts.refused, 0);
    }
  });

  test(`${protocol}: of a route configuration the bad routes alone go back, or answer 503 where they are new`, () => {
    for (let seed = 1; seed <= 40; seed++) {
      const below = numbers(seed);
      const size = 2 + below(150);
      const table = (target: string, count: number): Resource =>
        routes('r', Object.fromEntries(Array.from({ length: count }, (_, index) => [`/${index}/`, `${target}${index}`])));
      const old = table('old', Math.ceil(size / 2));
      const next = table('new', size);
      const bad = new Set(Array.from({ length: 1 + below(4) }, () => below(size)));
      const client = follow(protocol, 'routes', [old], (one) => [...bad].some((index) => clustersOf(one)[index] === `new${index}`));
      client.put([next]);
      const got = client.held.get('r');
      assert.ok(got);
      for (const [index, route] of clustersOf(got).entries()) {
        const wanted = bad.has(index) ? (index < Math.ceil(size / 2) ? `old${index}` : '503') : `new${index}`;
        assert.equal(route, wanted, `seed ${seed}: route ${index}`);
      }
      assert.equal(client.status().types.routes?.state, 'NACKED');
      assert.ok(client.counts.answers <= most(bad.size, size), `seed ${seed}: ${client.counts.answers} answers for ${bad.size} bad of ${size}`);
      client.put([table('newer', size)]);
      assert.equal(client.counts.refused, 0);
      assert.equal(client.status().types.routes?.state, 'ACKED');
    }
  });

  test(`${protocol}: a client without any routes gets all but the bad ones`, () => {
    const table = routes('r', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`/${index}/`, `c${index}`])));
    const client = follow(protocol, 'routes', [table], (one) => clustersOf(one).includes('c7'));
    assert.deepEqual(
      clustersOf(client.held.get('r') ?? assert.fail('nothing is held')),
      Array.from({ length: 20 }, (_, index) => (index === 7 ? '503' : `c${index}`)),
    );
  });

  for (const [what, isBad, routesLeft] of [
    ['what it says beside its hosts', (one: Resource) => contentOf(one).validate_clusters !== undefined, 20],
    ['what a host says beside its routes', (one: Resource) => contentOf(one).virtual_hosts?.some(({ require_tls: tls }) => tls !== undefined), 1],
  ] as const) {
    test(`${protocol}: of a new route configuration ${what} is found, and all else is taken`, () => {
      const content = contentOf(routes('r', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`/${index}/`, `c${index}`]))));
      const hosts = content.virtual_hosts?.map((host) => ({ ...host, require_tls: 'ALL' as const }));
      const table = resource('routes', 'r', { ...content, ...(hosts && { virtual_hosts: hosts }) }, []);
      const client = follow(protocol, 'routes', [table], (one) => isBad(one) === true);
      assert.equal(clustersOf(client.held.get('r') ?? assert.fail('nothing is held')).length, routesLeft);
      assert.ok(client.counts.answers <= most(1, 22), `${client.counts.answers} answers`);
    });
  }

  test(`${protocol}: a route configuration that is refused in every form is left out, and not sent for ever`, () => {
    const refusals = createRefusals();
    const table = routes('r', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`/${index}/`, `c${index}`])));
    const client = follow(protocol, 'routes', [table], () => true, refusals);
    assert.ok(client.counts.answers <= most(1, 22), `${client.counts.answers} answers`);
    assert.deepEqual(
      refusals.list().map(({ name, piece, instead }) => [name, piece, instead]),
      [['r', undefined, 'nothing']],
    );
  });
}

for (const protocol of ['sotw', 'delta'] as const) {
  // As Envoy does: it notes the bytes of each secret before it looks into them, and stops at the first that is bad.
  test(`${protocol}: secrets that are bad are found though a client takes what it refused when it is sent the same bytes again`, () => {
    for (let seed = 1; seed <= 20; seed++) {
      const below = numbers(seed);
      const names = Array.from({ length: 2 + below(40) }, (_, index) => `s${index}`);
      const bad = new Set(Array.from({ length: 1 + below(4) }, () => `s${below(names.length)}`));
      const certificate = (name: string, text: string): Resource => certificateSecret(name, { certificate: `${name} ${text}`, key: 'k' });
      const seen = new Map<string, string>();
      const isBad = (one: Resource): boolean => {
        if (seen.get(one.name) === one.version) return false;
        seen.set(one.name, one.version);
        return bad.has(one.name) && Buffer.from(one.bytes).includes('new');
      };
      const before = names.map((name) => certificate(name, 'old'));
      const after = names.map((name) => certificate(name, 'new'));
      const refusals = createRefusals();
      const client = follow(protocol, 'secrets', before, isBad, refusals);
      client.put(after);
      const told = refusals.list().map(({ name, version, instead }) => `${name} ${version} ${instead}`);
      const expected = after.filter(({ name }) => bad.has(name)).map(({ name, version }) => `${name} ${version} lastGood`);
      assert.deepEqual(told.toSorted(), expected.toSorted(), `seed ${seed}`);
      for (const [index, { name, version }] of after.entries())
        assert.equal(seen.get(name), bad.has(name) ? before[index]?.version : version, `seed ${seed}: ${name}`);
    }
  });
}

test('what one client refused, another of its version is not sent; one of another version is', () => {
  const refusals = createRefusals();
  const [one, two] = [secret('one', 'a'), secret('two', 'bad')];
  const isBad = (each: Resource): boolean => each === two;
  const first = follow('delta', 'secrets', [one, two], isBad, refusals);
  assert.deepEqual([first.counts.refused, [...first.held.keys()]], [2, ['one']]);
  const second = follow('delta', 'secrets', [one, two], isBad, refusals);
  assert.deepEqual([second.counts.refused, [...second.held.keys()]], [0, ['one']]);
  const newer = follow('delta', 'secrets', [one, two], () => false, refusals, 'test 2');
  assert.deepEqual([...newer.held.keys()].sort(), ['one', 'two']);
  assert.deepEqual(
    refusals.list().map(({ agent, name, instead }) => [agent, name, instead]),
    [['test 1', 'two', 'nothing']],
  );
});

test('what one client refuses that came with an older form, others that can be asked of its pieces are sent, and find the bad one', () => {
  const refusals = createRefusals();
  const table = routes('r', { '/a': 'a', '/bad': 'bad', '/c': 'c' });
  const isBad = (one: Resource): boolean => clustersOf(one).includes('bad');
  const come = (brought: Readonly<Record<string, string>>) => follow('delta', 'routes', [table], isBad, refusals, 'test 1', brought);
  const told = () => refusals.list().map(({ piece, instead }) => [piece?.route, instead]);
  const returning = come({ r: 'of an earlier stream' });
  assert.deepEqual([returning.counts, told()], [{ answers: 1, refused: 1 }, [[undefined, 'lastGood']]]);
  assert.deepEqual(come({ r: 'of an earlier stream' }).counts, { answers: 0, refused: 0 });
  const fresh = come({});
  assert.deepEqual([clustersOf(fresh.held.get('r') ?? assert.fail('nothing is held')), told()], [['a', '503', 'c'], [['/bad', 'standIn']]]);
  assert.deepEqual(come({ r: 'of an earlier stream' }).counts, { answers: 1, refused: 0 });
});

test('a refusal is forgotten when what was refused changes, and not before', () => {
  const refusals = createRefusals();
  const bad = routes('r', { '/a': 'a', '/bad': 'bad', '/c': 'c' });
  const client = follow('delta', 'routes', [bad], (one) => clustersOf(one).includes('bad'), refusals);
  assert.deepEqual(
    refusals.list().map(({ piece }) => piece?.route),
    ['/bad'],
  );
  client.put([routes('r', { '/a': 'x', '/bad': 'bad', '/c': 'c' })]);
  assert.deepEqual([client.counts, clustersOf(client.held.get('r') ?? bad)], [{ answers: 1, refused: 0 }, ['x', '503', 'c']]);
  assert.equal(refusals.list().length, 1);
  client.put([routes('r', { '/a': 'x', '/bad': 'mended', '/c': 'c' })]);
  assert.deepEqual([client.counts.refused, clustersOf(client.held.get('r') ?? bad), refusals.list()], [0, ['x', 'mended', 'c'], []]);
});

const contentOf = ({ bytes }: Resource) => decode('envoy.config.route.v3.RouteConfiguration', bytes);

/** The cluster of each route, or the status that it answers. */
function clustersOf(table: Resource): readonly string[] {
  const { virtual_hosts: hosts = [] } = contentOf(table);
  return hosts.flatMap(({ routes: list = [] }) => list.map(({ route, direct_response: direct }) => route?.cluster || String(direct?.status ?? '')));
}
