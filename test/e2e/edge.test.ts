import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { explain } from '../../src/explain/explain.ts';
import type { Listener } from '../../src/ir/gateway.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../../src/resource.ts';
import { resource } from '../../src/xds/encode.ts';
import { listenerResource } from '../../src/xds/listener.ts';
import { routeResource } from '../../src/xds/route.ts';
import { forward, listener, route, share } from '../fake/representation.ts';
import { staticBootstrap } from '../static-bootstrap.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { type Ask, http } from './client.ts';
import { freePort } from './port.ts';
import { startStaticEnvoy } from './static-envoy.ts';

const cors = { allowOrigins: ['https://*.shop.test'], allowMethods: ['PUT'], allowHeaders: [], exposeHeaders: [], allowCredentials: true, maxAgeSeconds: 60 };
const prefix = (value: string) => ({ type: 'pathPrefix', value }) as const;

const routes = [
  route('cors', prefix('/cors'), { cors, match: { method: 'PUT' } }),
  route('secure', prefix('/secure'), { action: { type: 'redirect', scheme: 'https', port: 443, status: 301 } }),
  route('host', prefix('/host'), { action: forward({ rewrite: { host: 'inner.test' } }) }),
  route('nowhere', prefix('/nowhere'), { action: forward({ backends: [share()] }) }),
  route('admin', prefix('/admin'), { action: { type: 'respond', status: 403 } }),
  route('one', prefix('/one'), { forwarded: { believesHost: false, keepsForwardedFor: false, addsUri: true, others: [] } }),
  route('all-of-it', prefix('/full'), { forwarded: { believesHost: true, keepsForwardedFor: true, addsUri: false, others: [] } }),
  route('all', { type: 'prefix', value: '/' }),
];

/** What every listener does to requests, whatever the routes say, seen at a backend behind a real Envoy. */
suite('the edge', { timeout: 600_000 }, () => {
  let backend: HttpBackend;
  let snapshot: Snapshot;
  let envoy: AsyncDisposable;
  const ports = { peer: 0, proxied: 0, proxyProtocol: 0, trusted: 0, foreign: 0, proxiedTwice: 0, sidecar: 0 };

  before(async () => {
    backend = await startHttpBackend('web');
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const listeners = [
      at(ports.peer, {}),
      at(ports.proxied, {
        clientAddress: { mode: 'XForwardedFor', trustedCidrs: ['127.0.0.0/8', '10.0.0.0/8'], believesOthers: true },
      }),
      at(ports.proxyProtocol, { clientAddress: { mode: 'ProxyProtocol', optional: true } }),
      at(ports.trusted, { clientAddress: { mode: 'ProxyProtocol', optional: false, peers: ['127.0.0.0/8'], headerTimeoutMs: 500 } }),
      at(ports.foreign, { clientAddress: { mode: 'ProxyProtocol', optional: false, peers: ['10.0.0.0/8'] } }),
      at(ports.proxiedTwice, { clientAddress: { mode: 'XForwardedFor', trustedCidrs: ['10.0.0.0/8'], believesOthers: false, proxyHeader: {} } }),
      at(ports.sidecar, { direction: 'outbound' }),
    ];
    const tables = listeners.map((each) => {
      const configuration = { name: each.name, virtualHosts: [{ name: '*', domains: ['*'], routes, origins: [] }] };
      return routeResource(configuration, each);
    });
    const resources = [cluster(backend.port), ...listeners.map(listenerResource), ...tables];
    const byType = resourceTypes.map((type) => [type, new Map(resources.filter((each) => each.type === type).map((each) => [each.name, each]))]);
    snapshot = { group: 'default', revision: 'test', resources: Object.fromEntries(byType) as Record<ResourceType, ResourceMap> };
    envoy = await startStaticEnvoy(staticBootstrap(resources), [ports.peer, ports.proxied, ports.proxyProtocol, ports.sidecar]);
  });
  after(async () => {
    await envoy?.[Symbol.asyncDispose]();
    await backend?.close();
  });

  async function seenBy(port: number, path: string, ask?: Ask) {
    const { status } = await http(port, path, ask);
    assert.equal(status, 200);
    const seen = backend.seen.at(-1);
    assert.ok(seen);
    return seen;
  }

  const spoofed = {
    'x-envoy-external-address': '6.6.6.6',
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-envoy-retry-on': '5xx',
    'x-real-ip': '6.6.6.6',
  };

  test('what a client says of itself is not believed', async () => {
    const { headers } = await seenBy(ports.peer, '/', { headers: spoofed });
    assert.equal(headers['x-real-ip'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-port'], String(ports.peer));
    assert.equal(headers['x-envoy-retry-on'], undefined);
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('x-envoy-')),
      [],
    );
  });

  test('a trusted proxy names the client, but steers nothing', async () => {
    const { headers } = await seenBy(ports.proxied, '/', { headers: { ...spoofed, 'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.9' } });
    assert.equal(headers['x-real-ip'], '1.2.3.4');
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.equal(headers['x-forwarded-port'], '443');
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('x-envoy-')),
      [],
    );
  });

  test('optional PROXY protocol lets plain connections in', async () => {
    const { headers } = await seenBy(ports.proxyProtocol, '/', { headers: spoofed });
    assert.equal(headers['x-real-ip'], '127.0.0.1');
  });

  test('PROXY headers of both versions name the client, whatever it says itself', async () => {
    for (const version of [1, 2] as const) {
      assert.match(await raw(ports.trusted, Buffer.concat([proxyHeader[version], askWithForgedAddress])), /^HTTP\/1\.1 200 /);
      const { headers } = backend.seen.at(-1) ?? assert.fail();
      assert.deepEqual([headers['x-real-ip'], headers['x-forwarded-port'], headers['x-forwarded-proto']], ['203.0.113.7', '80', 'http']);
    }
  });

  test('a PROXY header for port 443 means that the client came by HTTPS', async () => {
    for (const port of [ports.trusted, ports.proxiedTwice]) {
      assert.match(await raw(port, Buffer.concat([Buffer.from('PROXY TCP4 10.0.0.9 192.0.2.1 4711 443\r\n'), askWithForgedAddress])), /^HTTP\/1\.1 200 /);
      const { headers } = backend.seen.at(-1) ?? assert.fail();
      assert.deepEqual([headers['x-real-ip'], headers['x-forwarded-port'], headers['x-forwarded-proto']], ['10.0.0.9', '443', 'https']);
    }
  });

  test('a PROXY header that does not come, or comes from a peer that is not trusted, ends the connection', async () => {
    const started = performance.now();
    assert.equal(await raw(ports.trusted, Buffer.from('PROXY ')), '');
    assert.ok(performance.now() - started < 14_000, 'before the 15 s of Envoy');
    for (const version of [1, 2] as const) assert.equal(await raw(ports.foreign, Buffer.concat([proxyHeader[version], askWithForgedAddress])), '');
  });

  test('explain tells what backends see of the client', async () => {
    const headers = { 'x-forwarded-host': 'a.test', 'x-forwarded-proto': 'https', 'x-original-forwarded-for': '6.6.6.6' };
    const said = [headers, { ...headers, 'x-forwarded-for': '1.2.3.4' }, { 'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.9', 'x-forwarded-port': '444' }, {}];
    for (const port of [ports.peer, ports.proxied, ports.trusted, ports.proxiedTwice]) {
      for (const path of ['/', '/one', '/full', '/host']) {
        for (const each of said) {
          const isProxied = port === ports.trusted || port === ports.proxiedTwice;
          const clientIp = isProxied ? '10.0.0.7' : '127.0.0.1';
          const sent = { host: 'shop.test', connection: 'close', ...each };
          const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
          await raw(port, Buffer.from(`${isProxied ? `PROXY TCP4 ${clientIp} 192.0.2.1 4711 ${port}\r\n` : ''}GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`));
          const request = { method: 'GET', url: `http://shop.test:${port}${path}`, headers: Object.entries(sent), clientIp, peer: '127.0.0.1' };
          const { outcome } = explain(snapshot, undefined, request);
          const seen = backend.seen.at(-1)?.headers ?? {};
          assert.ok(outcome.type === 'forward' && outcome.told);
          const told = Object.fromEntries(outcome.told.map(({ name, value }) => [name, value]));
          const names = Object.keys({ ...told, ...seen }).filter((name) => /^host$|^forwarded$|^x-(real|forwarded|original|scheme)/.test(name));
          // For a peer on the loopback interface Envoy appends the address of another one.
          const isAppended = !isProxied && (port === ports.peer || !['/one', '/full'].includes(path));
          const compared = isAppended ? names.filter((name) => name !== 'x-forwarded-for') : names;
          const only = (from: Readonly<Record<string, unknown>>) => Object.fromEntries(compared.map((name) => [name, from[name]]));
          assert.deepEqual(only(told), only(seen), JSON.stringify(request));
        }
      }
    }
  });

  test('a sidecar passes on what its application says', async () => {
    const { headers } = await seenBy(ports.sidecar, '/', { headers: { ...spoofed, x_user: 'me' } });
    assert.equal(headers['x-forwarded-for'], '1.2.3.4');
    assert.equal(headers['x-real-ip'], '6.6.6.6');
    assert.equal(headers['x_user'], 'me');
  });

  test('headers with underscores are dropped, request ids kept, the Host header left alone', async () => {
    const { headers } = await seenBy(ports.peer, '/', { headers: { x_user: 'me', 'x-request-id': 'abc', host: 'shop.test:8080' } });
    assert.equal(headers['x_user'], undefined);
    assert.equal(headers['x-request-id'], 'abc');
    assert.equal(headers.host, 'shop.test:8080');
  });

  for (const path of ['/x/../admin', '//admin', '/%61dmin', '/x%2F..%2Fadmin', '/x\\..\\admin']) {
    test(`${path} does not get around /admin`, async () => assert.equal((await http(ports.peer, path)).status, 403));
  }

  test('answers do not tell of Envoy', async () => {
    backend.behaviour.headers = { server: 'ours' };
    const { headers } = await http(ports.peer, '/');
    backend.behaviour.headers = {};
    assert.equal(headers['server'], 'ours');
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('x-envoy')),
      [],
    );
  });

  test('a new Host header leaves the old one in X-Forwarded-Host', async () => {
    const { headers } = await seenBy(ports.peer, '/host', { headers: { host: 'shop.test' } });
    assert.deepEqual([headers.host, headers['x-forwarded-host']], ['inner.test', 'shop.test']);
  });

  test('a share that leads nowhere is answered with 500', async () => assert.equal((await http(ports.peer, '/nowhere')).status, 500));

  test('a redirect names a default port only to those who named one', async () => {
    const to = async (host: string) => (await http(ports.peer, '/secure?a=b', { headers: { host } })).headers.location;
    assert.equal(await to('shop.test'), 'https://shop.test/secure?a=b');
    assert.equal(await to('shop.test:8080'), 'https://shop.test:443/secure?a=b');
  });

  test('a preflight request for a route of one method is answered', async () => {
    const preflight = (origin: string) => http(ports.peer, '/cors', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } });
    const { status, headers } = await preflight('https://a.shop.test');
    assert.equal(status, 200);
    assert.equal(headers['access-control-allow-origin'], 'https://a.shop.test');
    assert.equal(headers['access-control-allow-credentials'], 'true');
    assert.equal(headers['access-control-max-age'], '60');
    assert.equal((await preflight('https://a.shop.test.evil.test')).headers['access-control-allow-origin'], undefined);
  });

  test('a route without CORS gets none, although the filter is in the chain', async () => {
    const { headers } = await http(ports.peer, '/', { headers: { origin: 'https://a.shop.test' } });
    assert.equal(headers['access-control-allow-origin'], undefined);
  });
});

function at(port: number, fields: Partial<Listener>): Listener {
  const name = `default/${port}`;
  return listener({ name, port, writtenPort: port, filterChains: [{ name: 'default', serverNames: [], routeConfiguration: name, origins: [] }], ...fields });
}

function cluster(port: number): Resource {
  const name = 'shop/web/80';
  const endpoint = { address: { socket_address: { address: '127.0.0.1', port_value: port } } };
  return resource('clusters', name, { name, type: 'STATIC', load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] } }, []);
}

const askWithForgedAddress = Buffer.from('GET / HTTP/1.1\r\nhost: shop.test\r\nx-real-ip: 6.6.6.6\r\nconnection: close\r\n\r\n');

/** From 203.0.113.7, port 4711, to 192.0.2.1, port 80. @see https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt */
const proxyHeader = {
  1: Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 4711 80\r\n'),
  2: Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107c000020112670050', 'hex'),
} as const;

/** What a connection answers to some bytes until it is closed. */
async function raw(port: number, bytes: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  let answer = '';
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.once('close', () => resolve());
  });
  return answer;
}
