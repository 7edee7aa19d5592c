import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { parseAddress } from '../../src/address.ts';
import { type AdsServer, createAdsServer } from '../../src/ads/server.ts';
import type { AdsObserver, Nack, NodeStatus } from '../../src/ads/stream/status.ts';
import { systemClock } from '../../src/clock.ts';
import { defaultMaxConnections } from '../../src/launch/bootstrap.ts';
import { createChildren } from '../../src/launch/children.ts';
import { startEnvoy } from '../../src/launch/envoy-process.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import type { Resource } from '../../src/resource.ts';
import { makeOwnCertificate } from '../../src/tls/own-certificate.ts';
import { fetchClientStatus } from '../fake/client-status.ts';
import { quietObserver } from '../fake/observer.ts';
import { badCluster, certificateSecret, checkedCluster, cluster, endpoints, listener, manyRoutes, routes, securedCluster } from '../fake/resources.ts';
import { createFakeSnapshots } from '../fake/snapshots.ts';
import { followXds } from '../fake/xds-client.ts';
import { startHttpBackend } from './backend.ts';
import { http } from './client.ts';
import { startLoad } from './load.ts';
import { type LosingProxy, startLosingProxy } from './losing-proxy.ts';
import { freePort } from './port.ts';
import { startSilentBackend } from './silent-backend.ts';
import { patienceMs, waitFor } from './wait.ts';

const drainMs = 300;

/** A listener whose requests all go to one cluster with one endpoint. */
const servedBy = (backendPort: number) => (port: number, connectMs: number) => [
  cluster('a', connectMs),
  endpoints('a', [backendPort]),
  listener('l', port),
  routes('l', { '/': 'a' }),
];

/** Our xDS server alone, with resources made by hand, and one real Envoy. @param proxy stands between the two; undefined: nothing does. */
async function start(protocol: 'delta' | 'sotw', resourcesOf: (port: number) => readonly Resource[], proxy?: LosingProxy) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-xds-'));
  const children = createChildren();
  const port = await freePort();
  const pushes: { type: string; resources: number; removed: number }[] = [];
  const observer: AdsObserver = { ...quietObserver, pushed: (_node, push) => pushes.push(push) };
  const snapshots = createFakeSnapshots();
  const put = (resources: readonly Resource[]): void => snapshots.put('default', resources);
  put(resourcesOf(port));
  const listen = async (address: string): Promise<{ server: AdsServer; address: string }> => {
    const server = createAdsServer({ snapshots, clock: systemClock, log: pino({ level: 'silent' }), observer, limits: { drainMs } });
    return { server, address: await server.listen(address) };
  };
  // Not one of those that the kernel gives to clients: it is listened on again after a restart.
  let current = await listen(`127.0.0.1:${await freePort()}`);
  const close = async (): Promise<void> => {
    await children.stop();
    await current.server.stop(500);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    proxy?.leadTo(current.address);
    const xds = parseAddress(proxy?.address ?? current.address);
    assert.ok(xds);
    const binary = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const bootstrap = { node: 'envoy', group: 'default', xds, protocol, admin: { host: '127.0.0.1', port: 0 }, maxConnections: defaultMaxConnections };
    const envoy = await startEnvoy({ binary, folder, children, concurrency: 1, drainSeconds: 2, bootstrap });
    await envoy.ready(patienceMs);
    const node = (): NodeStatus | undefined => current.server.nodes()[0];
    return {
      port,
      put,
      address: () => current.address,
      pushes,
      node,
      nodeNamed: (id: string): NodeStatus | undefined => current.server.nodes().find((each) => each.id === id),
      refusals: () => current.server.refusals(),
      settled: () => waitFor('everything is acknowledged', () => node()?.revisionAcked !== undefined && node()?.revisionAcked === node()?.revisionWanted),
      get: async (path = '/') => (await http(port, path)).body,
      clusters: async () => (await (await fetch(`http://${envoy.adminAddress}/clusters`)).text()).match(/^[^:]+(?=::observability_name)/gm) ?? [],
      /** How often the cluster of this name gave up waiting for its endpoints, which Envoy does after 15 s. */
      givenUp: async (cluster: string) => {
        const text = await (await fetch(`http://${envoy.adminAddress}/stats?filter=^cluster.${cluster}.init_fetch_timeout$`)).text();
        return Number(/: (\d+)/.exec(text)?.[1]);
      },
      /** How often the cluster of this name took a certificate into use. */
      takenSecrets: async (cluster: string) => {
        const text = await (await fetch(`http://${envoy.adminAddress}/stats?filter=^cluster.${cluster}.*ssl_context_update_by_sds`)).text();
        return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
      },
      /** The certificate of each secret, as Envoy gives it to whoever asks for it next. */
      certificates: async () => {
        const { configs } = (await (await fetch(`http://${envoy.adminAddress}/config_dump`)).json()) as { readonly configs: readonly SecretsDump[] };
        const all = configs.flatMap(({ dynamic_active_secrets: list = [] }) => list);
        return Object.fromEntries(all.map(({ name, secret }) => [name, secret?.tls_certificate?.certificate_chain?.inline_string.trimEnd()]));
      },
      log: () => readFile(envoy.logFile, 'utf8'),
      clientStatus: () => fetchClientStatus(current.address),
      stop: () => current.server.stop(500),
      restart: async () => {
        current = await listen(current.address);
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface SecretsDump {
  readonly dynamic_active_secrets?: readonly {
    readonly name: string;
    readonly secret?: { readonly tls_certificate?: { readonly certificate_chain?: { readonly inline_string: string } } };
  }[];
}

/** What a tool is told of a refusal. */
function errorState({ at, message, resources }: Nack) {
  const last_update_attempt = { seconds: String(Math.floor(at / 1000)), nanos: (at % 1000) * 1_000_000 };
  return { version_info: resources[0]?.version, details: message, last_update_attempt };
}

for (const protocol of ['delta', 'sotw'] as const) {
  describe(`a real Envoy in ${protocol}`, { timeout: 600_000 }, () => {
    test('gets its configuration, each resource once; an endpoint change moves its traffic and sends nothing else', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const resources = (port: number, backend: number) => [cluster('a'), endpoints('a', [backend]), listener('l', port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, (port) => resources(port, one.port));
      await envoy.settled();
      assert.equal(await envoy.get(), 'one');
      const sent = envoy.pushes.filter(({ resources: count }) => count > 0).map(({ type }) => type);
      assert.deepEqual(sent.sort(), ['clusters', 'endpoints', 'listeners', 'routes']);
      envoy.pushes.length = 0;
      envoy.put(resources(envoy.port, two.port));
      await waitFor('traffic moves', async () => (await envoy.get()) === 'two');
      assert.deepEqual(
        envoy.pushes.map(({ type }) => type),
        ['endpoints'],
      );
    });

    test('refuses a bad cluster in its own words, while good ones go on', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const first = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, first);
      await envoy.settled();
      const bad = badCluster('bad');
      envoy.put([...first(envoy.port), bad, endpoints('bad', [1]), cluster('b'), endpoints('b', [two.port]), routes('l', { '/bad': 'bad', '/': 'b' })]);
      await waitFor('the good cluster takes over', async () => (await envoy.get()) === 'two');
      const nack = await waitFor('the refusal is recorded', () => envoy.node()?.lastNack);
      assert.match(nack.message, /bad[\s\S]*constraint/i);
      assert.deepEqual(nack.resources, [{ name: 'bad', version: bad.version, origins: bad.origins }]);
      assert.equal(envoy.node()?.types.clusters?.state, 'NACKED');
      const told = (await envoy.clientStatus())[0]?.generic_xds_configs?.find(({ client_status: status }) => status === 'NACKED');
      assert.deepEqual([told?.name, told?.config_status, told?.error_state], ['bad', 'ERROR', errorState(nack)]);
      envoy.put(first(envoy.port));
      await envoy.settled();
      assert.equal(envoy.node()?.lastNack, undefined);
    });

    test('several bad clusters in one answer are held back, and nothing else', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const first = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port)];
      await using envoy = await start(protocol, (port) => [...first(port), routes('l', { '/': 'a' })]);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      const bad = ['bad-1', 'bad-2', 'bad-3'].flatMap((name) => [badCluster(name), endpoints(name, [1])]);
      const good = [cluster('b'), endpoints('b', [two.port]), cluster('c'), endpoints('c', [two.port])];
      envoy.put([...first(envoy.port), ...bad, ...good, routes('l', { '/': 'b', '/c/': 'c' })]);
      await waitFor('the good ones take over', async () => (await envoy.get()) === 'two' && (await envoy.get('/c/')) === 'two');
      await waitFor('all bad ones are known', () => envoy.refusals().length === 3);
      assert.deepEqual(
        envoy
          .refusals()
          .map(({ name, instead }) => `${name} ${instead}`)
          .sort(),
        ['bad-1 nothing', 'bad-2 nothing', 'bad-3 nothing'],
      );
      assert.deepEqual((await load.stop()).failures, []);
      envoy.put([...first(envoy.port), ...good, routes('l', { '/': 'b', '/c/': 'c' })]);
      await envoy.settled();
      assert.deepEqual(envoy.refusals(), []);
    });

    test('several listeners in one answer that cannot bind are held back, and nothing else', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const first = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, first);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      const other = await freePort();
      const good = [...first(envoy.port), listener('m', other, 'l')];
      envoy.put([...good, listener('busy-1', one.port, 'l'), listener('busy-2', two.port, 'l')]);
      await waitFor('the good one listens', async () => (await http(other, '/')).body === 'one');
      await waitFor('the bad ones are known', () => envoy.refusals().length === 2);
      assert.deepEqual(
        envoy
          .refusals()
          .map(({ type, name, instead }) => `${type} ${name} ${instead}`)
          .sort(),
        ['listeners busy-1 nothing', 'listeners busy-2 nothing'],
      );
      assert.deepEqual((await load.stop()).failures, []);
      envoy.put(good);
      await envoy.settled();
      assert.deepEqual(envoy.refusals(), []);
    });

    test('what one version of Envoy refuses, another one goes on to get', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const resources = (port: number, to: string) => [
        ...[cluster('a'), endpoints('a', [one.port]), cluster('b'), endpoints('b', [two.port])],
        ...[listener('l', port), routes('l', { '/': to })],
      ];
      await using envoy = await start(protocol, (port) => resources(port, 'a'));
      await envoy.settled();
      const before = routes('l', { '/': 'a' });
      const refuse = ({ type, bytes }: Resource) =>
        type === 'routes' && !before.bytes.every((byte, index) => byte === bytes[index]) ? 'no such thing here' : undefined;
      using older = followXds(envoy.address(), { protocol, id: 'older', refuse });
      await waitFor('the other client has its routes', () => older.peer.held.routes.has('l'));
      envoy.put(resources(envoy.port, 'b'));
      await waitFor('the real Envoy takes it', async () => (await envoy.get()) === 'two');
      await waitFor('the other client refuses it', () => envoy.refusals().length > 0);
      assert.deepEqual([...new Set(envoy.refusals().map(({ agent }) => agent))], ['peer 1']);
      assert.equal((await http(envoy.port, '/')).body, 'two');
      await waitFor('the real one has all of it', () => envoy.nodeNamed('envoy')?.revisionAcked === envoy.nodeNamed('envoy')?.revisionWanted);
      assert.equal(envoy.nodeNamed('envoy')?.lastNack, undefined);
      assert.equal(envoy.nodeNamed('older')?.types.routes?.state, 'NACKED');
      // A second one of that version is not sent what the first refused.
      const refused: string[] = [];
      const note = (resource: Resource): string | undefined => {
        const words = refuse(resource);
        if (words) refused.push(resource.name);
        return words;
      };
      using same = followXds(envoy.address(), { protocol, id: 'same', refuse: note });
      await waitFor('it has listeners', () => same.peer.held.listeners.has('l'));
      await sleep(300);
      assert.deepEqual(refused, []);
    });

    test('refuses bad routes without naming them: they alone keep their last form, or answer 503 where they are new', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const resources = (port: number, count: number, target: string, bad: readonly number[] = []) => [
        ...[cluster('a'), endpoints('a', [one.port]), cluster('b'), endpoints('b', [two.port])],
        ...[listener('l', port), manyRoutes('l', count, target, bad)],
      ];
      await using envoy = await start(protocol, (port) => resources(port, 200, 'a'));
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100, path: '/3/' });
      const began = performance.now();
      envoy.put(resources(envoy.port, 220, 'b', [7, 150, 210]));
      await waitFor('the good routes change', async () => (await envoy.get('/199/')) === 'two' && (await envoy.get('/219/')) === 'two');
      await waitFor('the search is over', () => envoy.node()?.lastNack?.isSearching === false);
      const tookMs = performance.now() - began;
      assert.deepEqual([await envoy.get('/7/'), await envoy.get('/150/')], ['one', 'one']);
      assert.equal((await http(envoy.port, '/210/')).status, 503);
      assert.deepEqual(
        envoy.refusals().map(({ piece, instead }) => [piece?.route, instead]),
        [
          ['/7/', 'lastGood'],
          ['/150/', 'lastGood'],
          ['/210/', 'standIn'],
        ],
      );
      assert.equal(envoy.node()?.types.routes?.state, 'NACKED');
      const { failed } = await load.stop();
      assert.equal(failed, 0, `${tookMs} ms`);
      envoy.put(resources(envoy.port, 220, 'b'));
      await envoy.settled();
      assert.deepEqual(envoy.refusals(), []);
      assert.equal(await envoy.get('/210/'), 'two');
    });

    test('of several secrets in one answer those that are bad alone are held back, though Envoy does not say which', async () => {
      await using one = await startHttpBackend('one');
      const [good, other] = [await makeOwnCertificate(Date.now()), await makeOwnCertificate(Date.now())];
      const broken = { ...good, key: other.key };
      const names = ['s-1', 's-2', 's-3', 's-4', 's-5', 's-6'];
      const [first, last] = [names[1] ?? '', names[4] ?? ''];
      const plain = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port), routes('l', { '/': 'a' })];
      const secured = names.flatMap((name) => [securedCluster(name, name), endpoints(name, [one.port])]);
      await using envoy = await start(protocol, plain);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      const secrets = (bad: readonly string[], of: typeof good) => names.map((name) => certificateSecret(name, bad.includes(name) ? broken : of));
      envoy.put([...plain(envoy.port), ...secured, ...secrets([first, last], good)]);
      const refused = () => envoy.refusals().map(({ type, name, instead }) => `${type} ${name} ${instead}`);
      await waitFor('the new ones are known', () => refused().length === 2 && envoy.node()?.lastNack?.isSearching === false);
      assert.deepEqual(refused().sort(), [`secrets ${first} nothing`, `secrets ${last} nothing`]);
      assert.equal(envoy.node()?.types.secrets?.state, 'NACKED');
      const used = async (): Promise<readonly string[]> =>
        (await Promise.all(names.map(async (name) => ((await envoy.takenSecrets(name)) > 0 ? [name] : [])))).flat();
      const others = names.filter((name) => name !== first && name !== last);
      await waitFor('all others are in use', async () => (await used()).length >= others.length);
      assert.deepEqual(await used(), others);
      envoy.put([...plain(envoy.port), ...secured, ...secrets([], good)]);
      await envoy.settled();
      assert.deepEqual([refused(), await used()], [[], names]);
      envoy.put([...plain(envoy.port), ...secured, ...secrets([last], other)]);
      await waitFor('the changed one is known', () => refused().length > 0 && envoy.node()?.lastNack?.isSearching === false);
      assert.deepEqual(refused(), [`secrets ${last} lastGood`]);
      // Whoever asks for it next is given the one that was good, not the one that was refused.
      await waitFor('it has the last good one', async () => (await envoy.certificates())[last] === good.certificate.trimEnd());
      await waitFor('and the new one of the others', async () => (await envoy.certificates())[first] === other.certificate.trimEnd());
      assert.deepEqual((await load.stop()).failures, []);
    });

    test('goes on while the server is away, and gets only what differs when it is back', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const resources = (port: number, backend: number) => [cluster('a'), endpoints('a', [backend]), listener('l', port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, (port) => resources(port, one.port));
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      await envoy.stop();
      assert.equal(await envoy.get(), 'one');
      envoy.pushes.length = 0;
      await envoy.restart();
      await waitFor('Envoy is back', () => envoy.node()?.types.routes?.state === 'ACKED');
      await envoy.settled();
      if (protocol === 'delta')
        assert.deepEqual(
          envoy.pushes.filter(({ resources: count, removed }) => count + removed > 0),
          [],
        );
      else assert.deepEqual(envoy.pushes.map(({ type }) => type).sort(), ['clusters', 'endpoints', 'listeners', 'routes']);
      await envoy.stop();
      envoy.put(resources(envoy.port, two.port));
      envoy.pushes.length = 0;
      await envoy.restart();
      await waitFor('what changed meanwhile arrives', async () => (await envoy.get()) === 'two');
      if (protocol === 'delta')
        assert.deepEqual(
          envoy.pushes.filter(({ resources: count }) => count > 0),
          [{ ...envoy.pushes.find(({ type }) => type === 'endpoints') }],
        );
      assert.deepEqual((await load.stop()).failures, []);
    });

    test('serves every request while routes move to new clusters again and again, and loses the old ones', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const backends = [one, two];
      const resources = (port: number, round: number) => {
        const name = `round-${round}`;
        return [cluster(name), endpoints(name, [backends[round % 2]?.port ?? 0]), listener('l', port), routes('l', { '/': name })];
      };
      await using envoy = await start(protocol, (port) => resources(port, 0));
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 250, halfPost: true });
      for (let round = 1; round <= 12; round++) {
        await sleep(150);
        envoy.put(resources(envoy.port, round));
      }
      await envoy.settled();
      await sleep(200);
      const { sent, failed, failures } = await load.stop();
      assert.deepEqual([failed, failures], [0, []]);
      assert.ok(sent > 300, `only ${sent} requests`);
      await waitFor('the old clusters are gone', async () => {
        const names = (await envoy.clusters()).filter((name) => name.startsWith('round-'));
        return names.length === 1 && names[0] === 'round-12';
      });
    });

    test('a cluster that warms slowly delays its own routes only, and these are never unserved', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const check = Promise.withResolvers<void>();
      await using slow = await startHttpBackend('slow', { behaviour: { waitsFor: check.promise } });
      const first = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, first);
      await envoy.settled();
      const load = startLoad({ port: envoy.port, path: '/slow', rate: 50 });
      const added = [checkedCluster('slow', 1000, 120_000), endpoints('slow', [slow.port]), cluster('b'), endpoints('b', [two.port])];
      envoy.put([...first(envoy.port), ...added, routes('l', { '/': 'b' })]);
      await waitFor('the quick one takes over', async () => (await envoy.get()) === 'two');
      assert.equal(envoy.node()?.types.clusters?.state, 'WARMING');
      envoy.put([...first(envoy.port), ...added, routes('l', { '/slow': 'slow', '/': 'b' })]);
      await sleep(300);
      assert.equal(slow.count() <= 1, true, 'only its health check may reach the slow one');
      check.resolve();
      await waitFor('the slow one is warm', () => slow.count() > 5);
      assert.deepEqual((await load.stop()).failures, []);
    });

    test('a health check that hangs delays the routes of its own cluster only, not those of another one that is checked', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      await using silent = await startSilentBackend();
      const first = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port)];
      await using envoy = await start(protocol, (port) => [...first(port), routes('l', { '/': 'a' })]);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      const hung = [checkedCluster('hung', 1000, 120_000), endpoints('hung', [silent.port])];
      envoy.put([...first(envoy.port), ...hung, routes('l', { '/': 'a' })]);
      await waitFor('it warms', () => envoy.node()?.types.clusters?.state === 'WARMING');
      const quick = [checkedCluster('b'), endpoints('b', [two.port])];
      const next = [...first(envoy.port), ...hung, ...quick, routes('l', { '/': 'b' })];
      envoy.put(next);
      await waitFor('the checked one takes over', async () => (await envoy.get()) === 'two');
      assert.equal(envoy.node()?.types.clusters?.state, 'WARMING');
      envoy.put([...next.slice(0, -1), routes('l', { '/hung': 'hung', '/': 'b' })]);
      await sleep(500);
      assert.equal((await http(envoy.port, '/hung')).body, 'two', 'the route of the hanging one does not wait for it');
      silent.cut();
      await waitFor('its first check has failed', () => envoy.node()?.types.clusters?.state === 'ACKED');
      await envoy.settled();
      assert.deepEqual((await load.stop()).failures, []);
    });

    test('what changed while the server was away is applied without a failed request, though its cluster warms slowly', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two', { behaviour: { delayMs: 1500 } });
      await using envoy = await start(protocol, (port) => [cluster('a'), endpoints('a', [one.port]), listener('l', port), routes('l', { '/': 'a' })]);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      await envoy.stop();
      envoy.put([checkedCluster('b'), endpoints('b', [two.port]), listener('l', envoy.port), routes('l', { '/': 'b' })]);
      await envoy.restart();
      await waitFor('the new cluster takes over', () => two.count() > 5);
      assert.deepEqual((await load.stop()).failures, []);
      await waitFor('the old cluster is gone', async () => (await envoy.clusters()).filter((name) => name === 'a' || name === 'b').join() === 'b');
      await envoy.settled();
    });

    test('a listener takes over the address of one that is gone, and of one that moves', async () => {
      await using one = await startHttpBackend('one');
      const other = await freePort();
      const common = [cluster('a'), endpoints('a', [one.port]), routes('l', { '/': 'a' }), listener('z', await freePort(), 'l')];
      await using envoy = await start(protocol, (port) => [...common, listener('l', port)]);
      await envoy.settled();
      envoy.put([...common, listener('m', envoy.port, 'l')]);
      await envoy.settled();
      assert.equal(await envoy.get(), 'one');
      envoy.put([...common, listener('k', envoy.port, 'l'), listener('m', other, 'l')]);
      await envoy.settled();
      assert.equal(envoy.node()?.lastNack, undefined);
      assert.equal(await envoy.get(), 'one');
      assert.equal((await http(other, '/')).body, 'one');
    });

    test('a listener takes over the address of one that is gone though another one waits for its cluster', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const check = Promise.withResolvers<void>();
      await using slow = await startHttpBackend('slow', { behaviour: { waitsFor: check.promise } });
      const waiting = await freePort();
      const common = [cluster('a'), endpoints('a', [one.port]), cluster('b'), endpoints('b', [two.port])];
      await using envoy = await start(protocol, (port) => [...common, listener('l', port), routes('l', { '/': 'a' })]);
      await envoy.settled();
      const added = [checkedCluster('slow', 1000, 120_000), endpoints('slow', [slow.port]), listener('w', waiting, 'w'), routes('w', { '/': 'slow' })];
      const began = performance.now();
      envoy.put([...common, ...added, listener('k', envoy.port, 'k'), routes('k', { '/': 'b' })]);
      await waitFor('the new one has it', async () => (await envoy.get().catch(() => '')) === 'two');
      assert.ok(performance.now() - began < 10_000, 'it does not wait until nothing waits any more');
      assert.equal(slow.count() <= 1, true, 'only its health check may reach the slow one');
      check.resolve();
      await waitFor('the other one is there', async () => (await http(waiting, '/').catch(() => undefined))?.body === 'slow');
      assert.equal(envoy.node()?.lastNack, undefined);
    });

    test('a cluster that goes and comes again, changed or not, is warm at once, whatever Envoy asks of its endpoints', async () => {
      await using one = await startHttpBackend('one');
      await using two = await startHttpBackend('two');
      const common = (port: number) => [cluster('a'), endpoints('a', [one.port]), listener('l', port)];
      const shifted = (connectMs: number) => [cluster('b', connectMs), endpoints('b', [two.port]), routes('l', { '/': 'b' })];
      const without = (port: number) => [...common(port), routes('l', { '/': 'a' })];
      await using envoy = await start(protocol, without);
      await envoy.settled();
      await using load = startLoad({ port: envoy.port, rate: 100 });
      for (let round = 0; round < 8; round++) {
        envoy.put([...common(envoy.port), ...shifted(1000 + (round % 3))]);
        await waitFor('it serves', async () => (await envoy.get()) === 'two');
        assert.equal(await envoy.givenUp('b'), 0, `Envoy waited for endpoints in round ${round}`);
        envoy.put(without(envoy.port));
        await waitFor('the other one serves', async () => (await envoy.get()) === 'one');
        // About when it is removed, which is so long after the ACK of the routes.
        await sleep(drainMs + 4 * (round - 4));
      }
      await envoy.settled();
      assert.deepEqual((await load.stop()).failures, []);
    });

    test('a cluster that changes is warm at once, as its endpoints come again', async () => {
      await using one = await startHttpBackend('one');
      const resources = servedBy(one.port);
      await using envoy = await start(protocol, (port) => resources(port, 1000));
      await envoy.settled();
      envoy.put(resources(envoy.port, 2000));
      await envoy.settled();
      assert.equal(await envoy.givenUp('a'), 0, 'Envoy waited for endpoints');
    });

    test('a cluster that changes and misses its endpoints is sent them again before Envoy gives up waiting', async () => {
      await using one = await startHttpBackend('one');
      const resources = servedBy(one.port);
      await using proxy = await startLosingProxy();
      await using envoy = await start(protocol, (port) => resources(port, 1000), proxy);
      await envoy.settled();
      envoy.pushes.length = 0;
      proxy.loseNext('endpoints');
      envoy.put(resources(envoy.port, 2000));
      await waitFor('the endpoints are lost', () => proxy.lost() === 1);
      await envoy.settled();
      assert.equal(await envoy.givenUp('a'), 0, 'Envoy waited until its time was over');
      assert.deepEqual(
        envoy.pushes.map(({ type }) => type),
        ['clusters', 'endpoints', 'endpoints'],
      );
      assert.equal(await envoy.get(), 'one');
    });
  });
}
