import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeStatus } from '../ads/stream/status.ts';
import { diagnostic } from '../diagnostic.ts';
import { encode } from '../proto/codec.ts';
import type { Message, MessageName } from '../proto/message.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot } from '../resource.ts';
import { defaultSettings } from '../settings.ts';
import type { Stored } from '../store/stored.ts';
import { createApi } from './api.ts';
import type { Served } from './served.ts';

const marker = 'MARKER-OF-A-KEY';
const origin = { object: 'HTTPRoute default/shop', file: 'shop.yaml', line: 3, column: 1 };
const unknownField = diagnostic('UnknownField', origin, 'No such field.');

function resource<Name extends MessageName>(type: ResourceType, name: string, message: Name, value: Message<Name>): Resource {
  return { type, name, version: 'v1', bytes: encode(message, value), origins: [origin] };
}

function snapshot(group: string): Snapshot {
  const all = [
    resource('routes', `${group}/80`, 'envoy.config.route.v3.RouteConfiguration', {
      name: `${group}/80`,
      virtual_hosts: [{ name: '*', domains: ['*'], routes: [{ name: 'all', match: { prefix: '/' }, direct_response: { status: 404 } }] }],
    }),
    resource('endpoints', 'default/a/http', 'envoy.config.endpoint.v3.ClusterLoadAssignment', { cluster_name: 'default/a/http' }),
    resource('secrets', 'default/tls', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
      name: 'default/tls',
      tls_certificate: { certificate_chain: { inline_string: `${marker}-CHAIN` }, private_key: { inline_bytes: Buffer.from(marker) } },
    }),
    resource('secrets', 'authority/x', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
      name: 'authority/x',
      validation_context: { trusted_ca: { inline_string: marker } },
    }),
  ];
  const resources = Object.fromEntries(
    resourceTypes.map((type) => [type, new Map(all.filter((one) => one.type === type).map((one) => [one.name, one]))]),
  ) as unknown as Snapshot['resources'];
  return { group, revision: `revision-${group}`, resources };
}

const node: NodeStatus = {
  id: 'edge-1',
  group: 'default',
  agent: 'envoy 1.40.0',
  protocol: 'delta',
  peer: '127.0.0.1:1',
  connectedAt: 0,
  types: { routes: { state: 'ACKED', subscribed: '*', acked: 1, lagMs: 0 }, endpoints: { state: 'PENDING', subscribed: 1, acked: 0, lagMs: 5 } },
};

function api(changes: Partial<Served> = {}, groups: readonly string[] = ['default', 'other']) {
  const shop = { kind: 'HTTPRoute', namespace: 'default', name: 'shop', age: '', origin: () => origin } as unknown as Stored;
  const view = {
    get: (kind: string, namespace: string, name: string) => (`${kind} ${namespace}/${name}` === origin.object ? shop : undefined),
    list: () => [shop],
    endpointSlices: () => [],
  };
  const served: Served = {
    view: () => view as unknown as ReturnType<Served['view']>,
    sources: () => [{ name: 'files:a', ready: true, objects: 3 }],
    diagnostics: () => [unknownField],
    groups: () => groups,
    group: () => undefined,
    snapshot: (group) => (groups.includes(group) ? snapshot(group) : undefined),
    written: (group) => (groups.includes(group) ? snapshot(group) : undefined),
    nodes: () => [node],
    isReady: () => true,
    ...changes,
  };
  const app = createApi({
    served,
    settings: defaultSettings,
    clock: { now: () => 42, steady: () => 0, after: () => () => {} },
    version: '1.2.3',
    onBug: (error) => {
      throw error;
    },
  });
  return async (path: string, init?: RequestInit) => {
    const answer = await app.request(`/api/v1/${path}`, init);
    const text = await answer.text();
    // biome-ignore lint/suspicious/noExplicitAny: the shapes are what the tests check.
    return { status: answer.status, text, json: JSON.parse(text) as any };
  };
}

test('status tells of nodes, groups, sources and diagnostics', async () => {
  const { json } = await api()('status');
  assert.equal(json.version, '1.2.3');
  assert.equal(json.now, 42);
  assert.equal(json.ready, true);
  assert.deepEqual(json.nodes, [JSON.parse(JSON.stringify(node))]);
  assert.deepEqual(json.groups[1], { name: 'other', revision: 'revision-other' });
  assert.deepEqual(json.diagnostics, { error: 0, warning: 1, info: 0 });
  assert.deepEqual(json.held, []);
});

test('the snapshot is Envoy JSON without a value of a secret', async () => {
  for (const query of ['?group=default', '?node=edge-1', '']) {
    const { json, text } = await api()(`snapshot${query}`);
    assert.equal(json.group, 'default');
    assert.equal(json.revision, 'revision-default');
    assert.equal(json.routes[0].virtual_hosts[0].routes[0].direct_response.status, 404);
    assert.deepEqual(json.secrets[0], {
      name: 'default/tls',
      tls_certificate: { certificate_chain: { inline_string: '[redacted]' }, private_key: { inline_bytes: '[redacted]' } },
    });
    assert.ok(!text.includes(marker) && !text.includes(Buffer.from(marker).toString('base64')));
  }
});

test('resources are listed by type, of one group or all, and by name', async () => {
  const ask = api();
  assert.deepEqual(
    (await ask('resources/routes')).json.rows.map((row: { group: string }) => row.group),
    ['default', 'other'],
  );
  assert.equal((await ask('resources/routes?group=other')).json.rows.length, 1);
  for (const name of ['other/80', '*', 'all'])
    assert.ok((await ask(`resources/routes?group=other&name=${encodeURIComponent(name)}`)).json.rows.length === 1, name);
  assert.deepEqual((await ask('resources/routes?name=nothing')).json, { type: 'routes', rows: [] });
  const { text, json } = await ask('resources/secrets?group=default');
  assert.equal(json.rows.length, 2);
  assert.ok(!text.includes(marker));
});

test('why follows an object to resources, routes and Envoys', async () => {
  const { json } = await api()('why/httproutes/shop');
  assert.equal(json.object, 'HTTPRoute default/shop');
  assert.equal(json.accepted, true);
  assert.deepEqual(json.at, origin);
  assert.deepEqual(json.diagnostics, [unknownField]);
  assert.equal(json.groups.length, 2);
  assert.deepEqual(json.groups[0].resources[2], { type: 'endpoints', name: 'default/a/http', version: 'v1' });
  // Secrets were never asked for by this node, endpoints are under way: the least that is done counts.
  assert.deepEqual(json.groups[0].nodes, [{ id: 'edge-1', state: 'PENDING' }]);
});

test('an object that only has errors is known and not accepted', async () => {
  const at = { object: 'HTTPRoute default/broken' };
  const { json } = await api({ diagnostics: () => [diagnostic('InvalidField', at, 'Bad.')] })('why/HTTPRoute/broken');
  assert.equal(json.accepted, false);
  assert.equal(json.at, undefined);
});

const mistakes: readonly (readonly [path: string, status: number, code: string, message: RegExp])[] = [
  ['nothing', 404, 'NotFound', /nothing at GET \/api\/v1\/nothing/],
  ['snapshot?group=x', 404, 'NotFound', /group x does not exist; there are: default, other/],
  ['snapshot?node=x', 404, 'NotFound', /no Envoy x is connected; there are: edge-1/],
  ['snapshot?group=a&node=b', 400, 'BadRequest', /not both/],
  ['snapshot?gruop=a', 400, 'BadRequest', /gruop/],
  ['resources/pods', 400, 'BadRequest', /listeners/],
  ['why/Pod/x', 404, 'NotFound', /no kind Pod; Sluice reads: .*HTTPRoute/],
  ['why/HTTPRoute/x', 404, 'NotFound', /no HTTPRoute default\/x/],
  ['why/HTTPRoute/shp', 404, 'NotFound', /no HTTPRoute default\/shp; is shop meant\?/],
  ['why/HTTPRoute/shop?namespace=elsewhere', 404, 'NotFound', /there is one in: default/],
];
for (const [path, status, code, message] of mistakes) {
  test(`${path} is ${code}`, async () => {
    const answer = await api()(path);
    assert.equal(answer.status, status);
    assert.equal(answer.json.error.code, code);
    assert.match(answer.json.error.message, message);
  });
}

test('it must be clear which group is meant', async () => {
  assert.equal((await api({}, ['a'])('snapshot')).json.group, 'a');
  assert.match((await api({}, ['a', 'b'])('snapshot')).json.error.message, /say which group: a, b/);
  assert.match((await api({}, [])('snapshot')).json.error.message, /there is no group/);
});

test('before the sources have listed nothing is told of what is served', async () => {
  const sources = () => [
    { name: 'files:a', ready: true, objects: 1 },
    { name: 'files:b', ready: false, objects: 0 },
  ];
  const ask = api({ isReady: () => false, sources });
  const { status, json } = await ask('resources/clusters');
  assert.equal(status, 503);
  assert.deepEqual(json.error, { code: 'NotReady', message: 'nothing is served yet, waiting for files:b' });
  assert.deepEqual((await ask('status')).json.waitingFor, ['files:b']);
});

const asJson = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

test('commands on revisions name their group and say how it is afterwards, or why they cannot be done', async () => {
  const done: string[] = [];
  const command =
    (name: string) =>
    (...args: readonly string[]) => {
      done.push([name, ...args].join(' '));
      return name === 'unpin' ? ({ type: 'refused', why: 'group default is not pinned' } as const) : ({ type: 'done', notes: ['a note'] } as const);
    };
  const commands = {
    confirm: command('confirm'),
    discard: command('discard'),
    pin: command('pin'),
    unpin: command('unpin'),
    rollback: async (...args: readonly string[]) => command('rollback')(...args),
  };
  const release = { releases: () => [{ group: 'default', served: 'revision-default' }], servesStored: () => undefined, commands };
  const records = (group: string) => (group === 'default' ? ['aaaa33', 'aaaa22', 'bbbb11'] : ['cccc11']).map((revision) => ({ group, revision }));
  const ask = api({ release, history: { records, opened: async () => {} } as unknown as NonNullable<Served['history']> });
  const answers = [
    await ask('confirm', asJson({})),
    await ask('discard', asJson({ group: 'other' })),
    await ask('pin', asJson({ why: 'a sale' })),
    await ask('unpin', asJson({ group: 'default' })),
    await ask('rollback', asJson({ revision: 'aaaa22' })),
    await ask('rollback', asJson({ revision: 'cccc', group: 'other' })),
    await ask('rollback', asJson({ revision: 'aaaa' })),
    await ask('rollback', asJson({ revision: 'cccc' })),
    await ask('pin', asJson({ why: '' })),
    await ask('confirm', { method: 'POST', body: '{' }),
  ];
  assert.deepEqual(done, ['confirm default', 'discard other', 'pin default a sale', 'unpin default', 'rollback default aaaa22', 'rollback other cccc11']);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 409, 200, 200, 400, 404, 400, 400],
  );
  assert.deepEqual(answers[0]?.json, { group: 'default', notes: ['a note'], release: { group: 'default', served: 'revision-default' } });
  assert.deepEqual(answers[3]?.json.error, { code: 'Conflict', message: 'group default is not pinned' });
  assert.equal((await api()('confirm', asJson({}))).status, 404, 'a folder has no server');
});

test('what was stored is told of while a source stays away', async () => {
  const release = { releases: () => [], servesStored: () => ({ storedAt: 7 }) } as unknown as NonNullable<Served['release']>;
  const ask = api({ isReady: () => false, release });
  const { ready, servesStored } = (await ask('status')).json;
  assert.deepEqual([ready, servesStored], [false, { storedAt: 7 }]);
  assert.equal((await ask('snapshot')).status, 200);
  const { isStored, outcome } = (await ask('explain', asJson({ url: 'http://shop/' }))).json;
  assert.deepEqual([isStored, outcome.type], [true, 'refused']);
});

test('a bug of ours is told to the log, not to the caller', async () => {
  const bugs: unknown[] = [];
  const bug = new Error(marker);
  const served = {
    groups: () => {
      throw bug;
    },
    isReady: () => true,
  } as unknown as Served;
  const app = createApi({
    served,
    settings: defaultSettings,
    clock: { now: () => 0, steady: () => 0, after: () => () => {} },
    version: '',
    onBug: (error) => bugs.push(error),
  });
  const answer = await app.request('/api/v1/snapshot');
  assert.equal(answer.status, 500);
  assert.ok(!(await answer.text()).includes(marker));
  assert.deepEqual(bugs, [bug]);
});

test('a body that no person would write is refused', async () => {
  const { status } = await api()('explain', { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024), headers: { 'content-type': 'application/json' } });
  assert.equal(status, 413);
});
