import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random as createRandom, type Random } from '../../../test/fake/random.ts';
import { snapshotOf } from '../../../test/fake/resources.ts';
import { decode } from '../../proto/codec.ts';
import { type Resource, typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import { resource } from '../../xds/encode.ts';
import { createRefusals } from '../refusal/refusals.ts';
import type { Effect } from './effect.ts';
import { createStream } from './stream.ts';
import { defaultStreamLimits } from './stream-state.ts';

/** What a host says beside its routes, and the cluster of each route. */
interface Host {
  readonly says: string;
  readonly routes: Readonly<Record<string, string>>;
}

/** A route configuration as plain data: what it says beside its hosts, and these by name. The client refuses whatever has a word with `bad` in it. */
interface Table {
  readonly says: string;
  readonly hosts: Readonly<Record<string, Host>>;
}

const seeds = Number(process.env['STREAM_SEEDS'] ?? 150);
const firstSeed = Number(process.env['STREAM_SEED'] ?? 1);
const generations = 5;
/** Far fewer than there are pieces, for each that is bad. */
const mostAnswers = 60;
const unavailable = '503';

function someOf<Value>(random: Random, names: readonly string[], make: (name: string) => Value): Readonly<Record<string, Value>> {
  return Object.fromEntries(names.filter(() => random.chance(0.85)).map((name) => [name, make(name)]));
}

/** Keeps about half of what was there before. */
function tableOf(random: Random, generation: number, before: Table | undefined): Table {
  const word = (old: string | undefined, name: string): string =>
    old !== undefined && random.chance(0.5) ? old : `${name}-${generation}${random.chance(0.12) ? '-bad' : ''}`;
  return {
    says: word(before?.says, 'table'),
    hosts: someOf(random, ['h', 'i', 'j'], (host) => {
      const old = before?.hosts[host];
      return { says: word(old?.says, host), routes: someOf(random, ['r', 's', 't', 'u'], (route) => word(old?.routes[route], route)) };
    }),
  };
}

function resourceOf({ says, hosts }: Table): Resource {
  const virtual_hosts = Object.entries(hosts).map(([name, host]) => ({
    name,
    domains: [name],
    request_headers_to_remove: [host.says],
    routes: Object.entries(host.routes).map(([route, cluster]) => ({ name: route, match: { prefix: `/${route}` }, route: { cluster } })),
  }));
  return resource('routes', 'table', { name: 'table', virtual_hosts, request_headers_to_remove: [says] }, []);
}

function tableIn({ bytes }: Resource): Table {
  const { virtual_hosts: hosts = [], request_headers_to_remove: [says = ''] = [] } = decode('envoy.config.route.v3.RouteConfiguration', bytes);
  return {
    says,
    hosts: Object.fromEntries(
      hosts.map(({ name = '', request_headers_to_remove: [own = ''] = [], routes = [] }) => [
        name,
        { says: own, routes: Object.fromEntries(routes.map(({ name: route = '', route: action }) => [route, action?.cluster ?? unavailable])) },
      ]),
    ),
  };
}

const isBad = (word: string): boolean => word.includes('bad');

/** A host with routes to clusters says what it says: without that they may be open to others than they should be. */
function assertClosed({ hosts }: Table): void {
  for (const [name, { says, routes }] of Object.entries(hosts)) {
    if (Object.values(routes).some((to) => to !== unavailable)) assert.notEqual(says, '', `host ${name} is served without what it says`);
  }
}

/** Each piece that is good is in force, beside what took the place of the bad ones. */
function assertInForce(held: Table, wanted: Table): void {
  if (!isBad(wanted.says)) assert.equal(held.says, wanted.says);
  for (const [name, { says, routes }] of Object.entries(wanted.hosts)) {
    const host = held.hosts[name] ?? assert.fail(`host ${name} is missing`);
    if (!isBad(says)) assert.equal(host.says, says);
    // Where nothing good is known of the host all of it is out of order.
    if (isBad(says) && host.says === '') continue;
    for (const [route, to] of Object.entries(routes)) {
      const cluster = host.routes[route] ?? assert.fail(`route ${route} of host ${name} is missing`);
      if (!isBad(to)) assert.equal(cluster, to, `route ${route} of host ${name}`);
    }
  }
}

/** A client that takes a route configuration or refuses it, without a word about which part is bad. */
function follow(protocol: 'sotw' | 'delta') {
  const refusals = createRefusals();
  const stream = createStream({ protocol, only: 'routes', peer: '', connectedAt: 0, limits: defaultStreamLimits, refusalsOf: refusals.of });
  let snapshot = snapshotOf('default', []);
  let held: Table | undefined;
  let answers = 0;

  function say(nonce: string, error?: string): void {
    const head = { typeUrl: typeUrls.routes, nonce, node: { id: 'n', group: 'default', agent: 'test 1' }, ...(error === undefined ? {} : { error }) };
    const names = nonce === '' ? ['table'] : [];
    const request =
      protocol === 'sotw'
        ? ({ protocol, ...head, names: ['table'] } as const)
        : ({ protocol, ...head, subscribe: names, unsubscribe: [], initialVersions: {} } as const);
    run(stream.step({ type: 'request', request }, 0));
  }
  function run(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== 'send') continue;
      answers += 1;
      assert.ok(answers <= mostAnswers, 'it is tried for ever');
      const [sent] = effect.answer.resources;
      const table = sent && tableIn(sent);
      const isRefused = isBad(JSON.stringify(table ?? ''));
      if (table && !isRefused) {
        held = table;
        assertClosed(held);
      }
      say(effect.answer.nonce, isRefused ? 'something is wrong' : undefined);
    }
  }
  say('');
  return {
    held: () => held,
    put(table: Table): void {
      const after = snapshotOf('default', [resourceOf(table)]);
      const change = changeBetween(snapshot, after);
      snapshot = after;
      refusals.replaced(after);
      answers = 0;
      run(stream.step({ type: 'snapshot', snapshot, change }, 0));
    },
  };
}

for (const protocol of ['sotw', 'delta'] as const) {
  test(`${protocol}: whatever is bad of a route configuration, all else of it is in force at once, and nothing is opened`, () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const random = createRandom(seed);
      const client = follow(protocol);
      let wanted: Table | undefined;
      for (let generation = 0; generation < generations; generation++) {
        wanted = tableOf(random, generation, wanted);
        try {
          client.put(wanted);
          assertInForce(client.held() ?? assert.fail('nothing is held'), wanted);
        } catch (error) {
          throw new Error(`seed ${seed}, generation ${generation}: ${JSON.stringify(wanted)}`, { cause: error });
        }
      }
    }
  });
}
