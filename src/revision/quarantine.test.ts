import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableOf, tableWith } from '../../test/fake/bad-resources.ts';
import { badCluster, cluster, endpoints, listener, routes, snapshotOf } from '../../test/fake/resources.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import { uint32 } from '../proto/values.ts';
import type { Resource, Snapshot } from '../resource.ts';
import { resource } from '../xds/encode.ts';
import { consistent } from './consistent.ts';
import { quarantined } from './quarantine.ts';
import { revisionOf } from './revision.ts';
import { routePieces, withPieces } from './route-pieces.ts';

type Route = Message<'envoy.config.route.v3.Route'>;

const options = { undefinedClusters: new Set<string>(), originsOf: () => [] };
const run = (candidate: Snapshot, served?: Snapshot) => quarantined(candidate, served, options);
const words = ({ diagnostics }: ReturnType<typeof run>): readonly string[] => diagnostics.map(({ code, message, at }) => `${code} ${at.object}: ${message}`);

/** `PATH -> CLUSTER` or `PATH -> STATUS`, of all virtual hosts. */
function tableLines(table: Resource | undefined): readonly string[] {
  const { virtual_hosts = [] } = decode('envoy.config.route.v3.RouteConfiguration', table?.bytes ?? new Uint8Array());
  return (virtual_hosts ?? []).flatMap(({ domains, routes: list }) =>
    (list ?? []).map(({ match, route, direct_response }) => `${domains} ${match?.path ?? match?.prefix} -> ${route?.cluster ?? direct_response?.status}`),
  );
}

const to = (path: string, target = 'a', more: Partial<Route> = {}): Route => ({ name: path, match: { path }, route: { cluster: target }, ...more });
const badAction = (path: string): Route => ({ name: path, match: { path }, route: { cluster: 'a', timeout: { seconds: '-1' } } });
const base = [cluster('a'), endpoints('a', [1]), listener('l', 80, 'r')];
const snapshot = (...list: readonly Resource[]): Snapshot => snapshotOf('default', [...base, ...list]);

describe('before sending', () => {
  test('what is good stays the very same', () => {
    const candidate = snapshot(tableWith(to('/x')));
    assert.equal(run(candidate).snapshot, candidate);
  });

  test('a bad cluster is left out where it is new, with a diagnostic at its object', () => {
    const result = run(snapshot(tableWith(), badCluster('bad'), endpoints('bad', [1])));
    assert.deepEqual([...result.snapshot.resources.clusters.keys()], ['a']);
    assert.deepEqual(words(result), [
      'ResourceInvalid Service default/bad: Envoy would refuse the cluster bad (connect_timeout must be longer than 0 s), so it is left out.',
    ]);
    assert.equal(result.snapshot.revision, revisionOf(result.snapshot.resources));
  });

  test('a bad cluster keeps its last good form, also when it is built again', () => {
    const served = snapshot(tableWith());
    const candidate = snapshotOf('default', [badCluster('a'), endpoints('a', [2]), listener('l', 80, 'r'), tableWith()]);
    const first = run(candidate, served);
    assert.equal(first.snapshot.resources.clusters.get('a'), served.resources.clusters.get('a'));
    assert.equal(first.snapshot.resources.endpoints.get('a')?.version, endpoints('a', [2]).version);
    const second = run(candidate, first.snapshot);
    assert.equal(second.snapshot.revision, first.snapshot.revision);
    assert.match(words(second).join(), /last good form stays in use/);
  });

  test('a bad route keeps its last good form while others of its table change', () => {
    const served = snapshot(tableWith(to('/one'), to('/two')));
    const { snapshot: next, diagnostics } = run(
      snapshot(tableWith(badAction('/one'), to('/two', 'a', { route: { cluster: 'a', prefix_rewrite: '/new' } }), to('/three'))),
      served,
    );
    const table = next.resources.routes.get('r');
    const good = routePieces(served.resources.routes.get('r') as Resource);
    const now = routePieces(table as Resource);
    const key = [...now].find(([, { route }]) => route === '/one')?.[0] ?? '';
    assert.equal(now.get(key)?.version, good.get(key)?.version);
    assert.deepEqual(tableLines(table), ['* /good -> a', '* /one -> a', '* /two -> a', '* /three -> a']);
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ['Envoy would refuse the route /one of r (route.timeout must be a time from 0 to 292 years), so its last good form stays in use.'],
    );
  });

  test('a bad new route answers 503 for exactly its match, and lets nothing fall through', () => {
    const { snapshot: next } = run(snapshot(tableWith(badAction('/one'), { name: 'rest', match: { prefix: '/' }, route: { cluster: 'a' } })));
    assert.deepEqual(tableLines(next.resources.routes.get('r')), ['* /good -> a', '* /one -> 503', '* / -> a']);
    const moved = run(
      snapshot(tableWith({ ...badAction('/one'), match: { path: '/moved' } }, { name: 'rest', match: { prefix: '/' }, route: { cluster: 'a' } })),
      next,
    );
    assert.deepEqual(tableLines(moved.snapshot.resources.routes.get('r')), ['* /good -> a', '* /moved -> 503', '* / -> a']);
    assert.match(words(moved).join(), /requests for it are answered with 503/);
  });

  test('a new route whose match is bad is left out', () => {
    const result = run(snapshot(tableWith({ name: 'x', match: { safe_regex: { regex: '(?=a)' } }, route: { cluster: 'a' } })));
    assert.deepEqual(tableLines(result.snapshot.resources.routes.get('r')), ['* /good -> a']);
    assert.match(words(result).join(), /route x of r \(match.safe_regex.regex must be an expression/);
  });

  test('a domain that another virtual host has already is left out, the rest of the host goes on', () => {
    const host = (name: string, ...domains: readonly string[]) => ({ name, domains: [...domains], routes: [to('/')] });
    const result = run(snapshot(tableOf(host('one', 'a.com'), host('two', 'b.com', 'A.com'), host('three', 'a.com'))));
    assert.deepEqual(tableLines(result.snapshot.resources.routes.get('r')), ['a.com / -> a', 'b.com / -> a']);
  });

  test('a bad new virtual host answers 503, a changed one keeps what it held beside its routes', () => {
    const host = (bad: boolean, path: string) => ({
      name: 'h',
      domains: ['a.com'],
      routes: [to(path)],
      ...(bad && { request_headers_to_remove: ['host'] }),
    });
    const first = run(snapshot(tableOf(host(true, '/'))));
    const again = run(snapshot(tableOf(host(true, '/newer'))), first.snapshot);
    for (const { snapshot: next } of [first, again]) assert.deepEqual(tableLines(next.resources.routes.get('r')), ['a.com / -> 503']);
    const mended = run(snapshot(tableOf(host(true, '/new'))), snapshot(tableOf(host(false, '/old'))));
    assert.deepEqual(tableLines(mended.snapshot.resources.routes.get('r')), ['a.com /new -> a']);
  });
});

describe('what needs something that is not there', () => {
  test('a listener without its route configuration is left out', () => {
    const result = run(snapshotOf('default', [listener('l', 80, 'gone')]));
    assert.equal(result.snapshot.resources.listeners.size, 0);
    assert.deepEqual(words(result), [
      'ResourceInvalid Gateway default/l: The listener l needs route configuration gone, which does not exist, so it is left out.',
    ]);
  });

  test('a listener that asks for one which is not there stays as it was, with what that needs', () => {
    const served = snapshotOf('default', [cluster('a'), endpoints('a', [1]), listener('l', 80, 'r'), routes('r', { '/': 'a' })]);
    const { snapshot: next } = run(snapshotOf('default', [listener('l', 80, 'gone')]), served);
    assert.equal(next.resources.listeners.get('l')?.version, listener('l', 80, 'r').version);
    assert.deepEqual([[...next.resources.routes.keys()], [...next.resources.clusters.keys()], [...next.resources.endpoints.keys()]], [['r'], ['a'], ['a']]);
    assert.deepEqual(consistent(next, new Set()), []);
  });

  test('a cluster without endpoints is left out', () => {
    assert.deepEqual([...run(snapshot(tableWith(), cluster('b'))).snapshot.resources.clusters.keys()], ['a']);
  });

  test('a route that moves to a bad new cluster keeps its last good form and the cluster of it', () => {
    const served = snapshot(tableWith(to('/x', 'old')), cluster('old'), endpoints('old', [1]));
    const result = run(snapshot(tableWith(to('/x', 'bad')), badCluster('bad'), endpoints('bad', [1])), served);
    assert.deepEqual(tableLines(result.snapshot.resources.routes.get('r')), ['* /good -> a', '* /x -> old']);
    assert.deepEqual([...result.snapshot.resources.clusters.keys()], ['a', 'old']);
    assert.match(words(result).join('\n'), /route \/x of r needs cluster bad, which is not there, so its last good form stays in use/);
  });

  test('a new route to a bad cluster stays, for Envoy to answer its requests with 503 and its other shares as they should be', () => {
    const clusters = [
      { name: 'a', weight: uint32(90) },
      { name: 'bad', weight: uint32(10) },
    ];
    const candidate = snapshot(
      tableWith({ name: 'x', match: { path: '/x' }, route: { weighted_clusters: { clusters } } }),
      badCluster('bad'),
      endpoints('bad', [1]),
    );
    assert.equal(run(candidate).snapshot.resources.routes.get('r'), candidate.resources.routes.get('r'));
  });
});

test('taking a route configuration apart and joining it again gives the same bytes', () => {
  const table = resource(
    'routes',
    'r',
    {
      name: 'r',
      virtual_hosts: [
        { name: 'one', domains: ['a.com'], routes: [to('/x'), to('/y'), to('/x', 'b')], request_headers_to_remove: ['x-a'] },
        { name: 'two', domains: ['b.com'] },
      ],
      request_headers_to_remove: ['x-b'],
      most_specific_header_mutations_wins: true,
    },
    [],
  );
  const pieces = routePieces(table);
  assert.equal(pieces.size, 5);
  const one = [...pieces.values()].find(({ route }) => route === '/y');
  const same = withPieces(table, new Map([[one?.key ?? '', one?.parts ?? []]]));
  // Entries of one name are one piece, at the place of the first.
  assert.deepEqual(tableLines(same), ['a.com /x -> a', 'a.com /x -> b', 'a.com /y -> a']);
  const other = tableWith(to('/x'), to('/y'));
  const [, [key = '', piece] = []] = [...routePieces(other)];
  assert.equal(withPieces(other, new Map([[key, piece?.parts ?? []]])).version, other.version);
});
