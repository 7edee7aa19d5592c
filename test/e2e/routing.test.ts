import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createChildren } from '../../src/launch/children.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { defaultSettings } from '../../src/settings.ts';
import type { CertificateAndKey } from '../../src/tls/authority.ts';
import { makeOwnCertificate } from '../../src/tls/own-certificate.ts';
import { endpointSet } from '../../src/translate/endpoints.ts';
import { translation } from '../../src/translate/translate.ts';
import { done } from '../../src/work.ts';
import { endpointResource } from '../../src/xds/endpoint.ts';
import { groupResources } from '../../src/xds/group.ts';
import { fakeView, objectsOf } from '../fake/objects.ts';
import { jsonOf, type Loose, staticBootstrap } from '../static-bootstrap.ts';
import { type HttpBackend, startHttpBackend } from './backend.ts';
import { tlsSecretYaml } from './certificate.ts';
import { type Answer, type Ask, http, https } from './client.ts';
import { serviceYaml } from './objects.ts';
import { freePort } from './port.ts';
import { withoutSecretFilters } from './static-envoy.ts';
import { waitFor } from './wait.ts';

/**
 * What gateways, routes and Ingresses mean for requests: the objects below, translated, in a real Envoy without a server, whose
 * answers are the names of the backends.
 */
const objects = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: sluice
  listeners:
    - {name: all, port: 80, protocol: HTTP}
    - {name: kept, port: 80, protocol: HTTP, hostname: kept.example.org}
    - {name: secure, port: 443, protocol: HTTPS, hostname: shop.example.com, tls: {certificateRefs: [{name: shop}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: everywhere}
spec:
  parentRefs: [{name: web, sectionName: all}]
  rules: [{backendRefs: [{name: a, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: web}]
  hostnames: [shop.example.com]
  rules:
    - matches: [{path: {value: /cart}}]
      backendRefs: [{name: a, port: 80}]
    - matches: [{path: {value: /cart/items}}, {path: {value: /cart}, headers: [{name: x-tester, value: "yes"}]}]
      backendRefs: [{name: b, port: 80}]
    - matches: [{path: {type: RegularExpression, value: "/v[0-9]+/.*"}}]
      backendRefs: [{name: b, port: 80}]
    - matches: [{path: {type: Exact, value: /exact}, method: POST, queryParams: [{name: q, value: "1"}]}]
      backendRefs: [{name: b, port: 80}]
    - matches: [{path: {value: /move}}]
      filters: [{type: RequestRedirect, requestRedirect: {scheme: https, path: {type: ReplacePrefixMatch, replacePrefixMatch: /moved}}}]
    - matches: [{path: {value: /strip}}]
      filters: [{type: URLRewrite, urlRewrite: {hostname: inner.example.com, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]
      backendRefs: [{name: a, port: 80}]
    - matches: [{path: {value: /missing}}]
      backendRefs: [{name: nowhere, port: 80}]
    - matches: [{path: {value: /closed}}]
      filters: [{type: ExtensionRef, extensionRef: {group: example.com, kind: Auth, name: x}}]
      backendRefs: [{name: a, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: wildcard}
spec:
  parentRefs: [{name: web}]
  hostnames: ["*.example.com"]
  rules: [{matches: [{path: {value: /}}], backendRefs: [{name: b, port: 80}]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: legacy}
spec:
  tls: [{hosts: [legacy.example.net], secretName: legacy}]
  rules:
    - host: legacy.example.net
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: a, port: {name: http}}}}
          - {path: /app, pathType: Prefix, backend: {service: {name: b, port: {number: 80}}}}
    - host: "*.wild.example.net"
      http:
        paths:
          - {path: /chars, pathType: ImplementationSpecific, backend: {service: {name: a, port: {number: 80}}}}
          - {path: /gone, pathType: Prefix, backend: {service: {name: nowhere, port: {number: 80}}}}
`;

/** Port, host, path, more of the request; status, backend or `location`. */
const asks: readonly [80 | 443, string, string, Omit<Ask, 'serverName'>, number, string?][] = [
  [80, 'any.example.org', '/', {}, 200, 'a'],
  [80, 'any.example.org:8080', '/', {}, 200, 'a'],
  [80, 'kept.example.org', '/', {}, 404],
  [80, 'shop.example.com', '/cart', {}, 200, 'a'],
  [80, 'SHOP.example.com:80', '/cart/x?y=z', {}, 200, 'a'],
  [80, 'shop.example.com', '/cartoon', {}, 404],
  [80, 'shop.example.com', '/cart/items/1', {}, 200, 'b'],
  [80, 'shop.example.com', '/cart', { headers: { 'X-Tester': 'yes' } }, 200, 'b'],
  [80, 'shop.example.com', '/v12/x', {}, 200, 'b'],
  [80, 'shop.example.com', '/x/v12/x', {}, 404],
  [80, 'shop.example.com', '/exact?q=1', { method: 'POST' }, 200, 'b'],
  [80, 'shop.example.com', '/exact?q=2', { method: 'POST' }, 404],
  [80, 'shop.example.com', '/exact?q=1', {}, 404],
  [80, 'shop.example.com', '/move/x?q=1', {}, 302, 'https://shop.example.com/moved/x?q=1'],
  [80, 'shop.example.com', '/missing', {}, 500],
  [80, 'shop.example.com', '/closed', {}, 500],
  [80, 'x.y.example.com', '/anything', {}, 200, 'b'],
  [80, 'legacy.example.net', '/app/x?q=1', {}, 308, 'https://legacy.example.net/app/x?q=1'],
  [80, 'one.wild.example.net', '/charsets', {}, 404],
  [80, 'one.wild.example.net:8080', '/chars', {}, 200, 'a'],
  [80, 'two.one.wild.example.net', '/chars', {}, 404],
  [80, 'one.wild.example.net', '/gone', {}, 503],
  [443, 'shop.example.com', '/cart', {}, 200, 'a'],
  [443, 'legacy.example.net', '/', {}, 200, 'a'],
  [443, 'legacy.example.net', '/app', {}, 200, 'b'],
];

describe('routing', () => {
  const children = createChildren();
  const backends: HttpBackend[] = [];
  const ports = { 80: 0, 443: 0 };
  let root = '';

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-routing-'));
    backends.push(await startHttpBackend('a'), await startHttpBackend('b'));
    ports[80] = await freePort();
    ports[443] = await freePort();
    const services = backends.map(({ name, port }) => serviceYaml(name, [port]));
    const secrets = [await tlsSecretYaml('shop', ['shop.example.com']), await tlsSecretYaml('legacy', ['legacy.example.net'])];
    const config = join(root, 'bootstrap.json');
    await writeFile(config, JSON.stringify(bootstrapOf([objects, ...services, ...secrets].join('\n---\n'), await makeOwnCertificate(Date.now()))));
    const logFile = join(root, 'envoy.log');
    const command = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const envoy = children.start({ command, args: ['-c', config, '--disable-hot-restart', '--concurrency', '1', '-l', 'error'], logFile });
    await waitFor('Envoy answers', async () => {
      assert.ok(envoy.isRunning(), await readFile(logFile, 'utf8'));
      return await http(ports[80], '/');
    });
  });

  after(async () => {
    await children.stop();
    for (const backend of backends) await backend.close();
    await rm(root, { recursive: true, force: true });
  });

  /** The group `default`, its endpoints in their clusters, its certificates in the bootstrap. */
  function bootstrapOf(yaml: string, ownCertificate: CertificateAndKey): Loose {
    const view = fakeView(objectsOf(yaml));
    const settings = { ...defaultSettings, httpPort: ports[80], httpsPort: ports[443], listenAddress: '127.0.0.1' };
    const group = done(translation(view, settings, [], { ownCertificate })).groups.get('default');
    assert.ok(group);
    const sets = new Map(group.backends.map((backend) => [backend.name, endpointSet(view, backend)]));
    const bootstrap = withoutSecretFilters(staticBootstrap(Object.values(done(groupResources(group))).flat()));
    for (const cluster of bootstrap.static_resources.clusters) {
      const set = sets.get(cluster.name);
      if (!set) continue;
      delete cluster.eds_cluster_config;
      Object.assign(cluster, { type: 'STATIC', load_assignment: jsonOf(endpointResource(set)) });
    }
    // A secret without a source is one of the bootstrap.
    for (const chain of bootstrap.static_resources.listeners.flatMap((listener: Loose) => listener.filter_chains)) {
      for (const secret of chain.transport_socket?.typed_config.common_tls_context.tls_certificate_sds_secret_configs ?? []) delete secret.sds_config;
    }
    return bootstrap;
  }

  function ask(port: 80 | 443, host: string, path: string, more: Omit<Ask, 'serverName'> = {}): Promise<Answer> {
    const serverName = host.replace(/:.*/, '').toLowerCase();
    return (port === 443 ? https : http)(ports[port], path, { ...more, serverName, headers: { ...more.headers, host } });
  }

  for (const [port, host, path, more, status, expected] of asks) {
    test(`${port} ${more.method ?? 'GET'} ${host}${path} ${JSON.stringify(more.headers ?? {})} is ${status} ${expected ?? ''}`, async () => {
      const answer = await ask(port, host, path, more);
      assert.equal(answer.status, status);
      if (status >= 300 && status < 400) assert.equal(answer.headers.location, expected);
      else if (expected !== undefined) assert.equal(answer.headers['x-backend'], expected);
    });
  }

  test('a rewritten request arrives under its new path and host', async () => {
    await ask(80, 'shop.example.com', '/strip/x?q=1');
    const seen = backends[0]?.seen.at(-1);
    assert.deepEqual([seen?.url, seen?.headers.host, seen?.headers['x-forwarded-host']], ['/x?q=1', 'inner.example.com', 'shop.example.com']);
  });

  test('each host name has its own certificate, others the default one', async () => {
    assert.equal((await ask(443, 'legacy.example.net', '/')).certificate?.subject.CN, 'legacy.example.net');
    assert.equal((await ask(443, 'shop.example.com', '/cart')).certificate?.subject.CN, 'shop.example.com');
    assert.equal((await ask(443, 'other.example.net', '/')).certificate?.subject.CN, 'Kubernetes Ingress Controller Fake Certificate');
  });
});
