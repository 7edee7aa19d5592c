import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { explain } from '../../src/explain/explain.ts';
import type { ExplainRequest, Explanation } from '../../src/explain/explanation.ts';
import type { Group } from '../../src/ir/gateway.ts';
import type { PathMatch, Route, RouteAction, RouteMatch, ValueMatch } from '../../src/ir/route.ts';
import { type Resource, type ResourceMap, type ResourceType, resourceTypes, type Snapshot } from '../../src/resource.ts';
import { resource } from '../../src/xds/encode.ts';
import { listenerResource } from '../../src/xds/listener.ts';
import { routeResource } from '../../src/xds/route.ts';
import { type Random, random } from '../fake/random.ts';
import { forward, listener, route, share } from '../fake/representation.ts';
import { type Loose, staticBootstrap } from '../static-bootstrap.ts';
import { type Answer, http } from './client.ts';
import { freePort } from './port.ts';
import { startStaticEnvoy } from './static-envoy.ts';

/**
 * Explain answers what Envoy does: a few hundred requests, drawn from small vocabularies so that many of them nearly fit, go to
 * a real Envoy with a drawn configuration and to `explain` with the same resources.
 */
const seed = 20_261_124;
const requestCount = 400;
const clusters = ['shop/a/80', 'shop/b/80', 'shop/c/80'];

test(`explain and Envoy agree on ${requestCount} requests`, { timeout: 600_000 }, async () => {
  const draw = random(seed);
  const backend = createServer((request, response) => response.end(request.url));
  try {
    await new Promise<void>((resolve) => void backend.listen(0, '127.0.0.1', resolve));
    const { port: backendPort } = backend.address() as AddressInfo;
    const ports = [await freePort(), await freePort()] as const;
    const group = drawGroup(draw, ports);
    const resources = resourcesOf(group, backendPort);
    const snapshot = snapshotOf(resources);
    await using _envoy = await startStaticEnvoy(told(staticBootstrap(resources)), ports);

    const outcomes = new Map<string, number>();
    for (let count = 0; count < requestCount; count += 1) {
      const request = drawRequest(draw, draw.pick(ports));
      const { port, pathAndQuery } = partsOf(request.url);
      const answer = await http(port, pathAndQuery, { method: request.method, headers: Object.fromEntries(request.headers) });
      const explanation = explain(snapshot, group, request);
      compare(request, explanation, answer);
      outcomes.set(explanation.outcome.type, (outcomes.get(explanation.outcome.type) ?? 0) + 1);
    }
    // The comparison says little where all requests end in the same way.
    for (const type of ['forward', 'redirect', 'answer']) assert.ok((outcomes.get(type) ?? 0) >= 30, `${type}: ${outcomes.get(type)}`);
  } finally {
    backend.close();
  }
});

function compare(request: ExplainRequest, { request: { isGrpc }, route: step, outcome }: Explanation, { status, headers, body }: Answer): void {
  const what = JSON.stringify(request);
  assert.equal(step?.name, headers['x-route'], `the route of ${what}`);
  switch (outcome.type) {
    case 'forward': {
      // Envoy names no cluster where it has none.
      const taken = outcome.shares.find(({ cluster, state }) => (headers['x-cluster'] === undefined ? state !== 'served' : cluster === headers['x-cluster']));
      assert.ok(taken && taken.percent > 0, `the cluster of ${what} is ${headers['x-cluster']}`);
      assert.equal(status, taken.state === 'served' || isGrpc ? 200 : 500, what);
      if (taken.state === 'served' && request.method !== 'HEAD') assert.equal(body, outcome.newPath ?? partsOf(request.url).pathAndQuery, what);
      break;
    }
    case 'redirect':
      assert.equal(status, isGrpc ? 200 : outcome.status, what);
      assert.equal(headers.location, outcome.location, what);
      break;
    case 'answer':
      assert.equal(status, isGrpc ? 200 : outcome.status, what);
      break;
    case 'refused':
      assert.fail(`${what}: ${outcome.reason}`);
  }
}

/** Lets every answer tell its route and cluster. */
function told(bootstrap: Loose): Loose {
  for (const chain of bootstrap.static_resources.listeners.flatMap((each: Loose) => each.filter_chains)) {
    chain.filters[0].typed_config.route_config.response_headers_to_add = [
      { header: { key: 'x-route', value: '%ROUTE_NAME%' } },
      { header: { key: 'x-cluster', value: '%UPSTREAM_CLUSTER_RAW%' } },
    ];
  }
  return bootstrap;
}

/** One listener with a virtual host for every host and one without. */
function drawGroup(draw: Random, ports: readonly [number, number]): Group {
  const hosts = ['a.example.com', 'b.example.com', '*.example.com', '*.b.example.com'];
  const tables = [[...hosts, '*'], hosts].map((domains, table) => ({
    name: `default/${8000 + table}`,
    virtualHosts: domains.map((domain) => ({
      name: domain,
      domains: [domain],
      routes: Array.from({ length: 14 }, (_, index) => drawRoute(draw, `${table}/${domain}/${index}`)),
      origins: [],
    })),
  }));
  return {
    name: 'default',
    listeners: tables.map(({ name }, index) =>
      listener({
        name,
        port: ports[index] ?? 0,
        writtenPort: 8000 + index,
        filterChains: [{ name: 'default', serverNames: [], routeConfiguration: name, origins: [] }],
      }),
    ),
    routeConfigurations: tables,
    backends: [],
    secrets: [],
  };
}

const elements = ['shop', 'shopping', 'cart', 'a.b', 'x'];
const drawPath = (draw: Random): string => Array.from({ length: 1 + Math.floor(draw.next() * 2.4) }, () => `/${draw.pick(elements)}`).join('');

function drawRoute(draw: Random, name: string): Route {
  const path = draw.pick<() => PathMatch>([
    () => ({ type: 'exact', value: drawPath(draw) }),
    () => ({ type: 'pathPrefix', value: drawPath(draw) }),
    () => ({ type: 'pathPrefix', value: drawPath(draw) }),
    () => ({ type: 'prefix', value: draw.pick(['/', '/shop', '/c']) }),
    () => ({ type: 'regex', value: draw.pick(['/shop(ping)?', '/.*/cart', '/[a-c]+/x.*', '(?i)/CART']) }),
  ])();
  const match: Partial<RouteMatch> = {
    headers: draw.chance(0.5) ? [drawValueMatch(draw, 'x-canary')] : [],
    query: draw.chance(0.3) ? [drawValueMatch(draw, 'q')] : [],
    ...(draw.chance(0.3) && { method: draw.pick(['GET', 'POST']) }),
    ...(draw.chance(0.05) && { grpc: true }),
  };
  return route(name, path, { match, action: drawAction(draw), ...(draw.chance(0.1) && { cors }) });
}

const cors = { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: [], exposeHeaders: [], allowCredentials: false };

function drawValueMatch(draw: Random, name: string): ValueMatch {
  return draw.pick<ValueMatch>([
    { name, type: 'exact', value: 'yes' },
    { name, type: 'regex', value: 'y.*' },
    { name, type: 'present' },
  ]);
}

function drawAction(draw: Random): RouteAction {
  const path = draw.pick([
    { type: 'prefix', value: '/' },
    { type: 'prefix', value: '/new' },
    { type: 'full', value: '/full' },
  ] as const);
  return draw.pick<() => RouteAction>([
    () => forward({ backends: [share(draw.pick(clusters))] }),
    () => forward({ backends: [share(clusters[0], 1), share(clusters[1], 0), share(clusters[2], 3)] }),
    () => forward({ backends: [share(draw.pick(clusters)), share(undefined)] }),
    () => forward({ backends: [share(draw.pick(clusters))], rewrite: { path } }),
    () => ({ type: 'redirect', status: 302, path }),
    () => ({ type: 'redirect', status: 301, scheme: 'https', port: draw.pick([443, 8443]) }),
    () => ({ type: 'redirect', status: 308, host: 'elsewhere.test', ...(draw.chance(0.5) && { port: 80 }) }),
    () => ({ type: 'respond', status: 503, body: 'closed' }),
  ])();
}

function drawRequest(draw: Random, port: number): ExplainRequest {
  const odd = (path: string): string =>
    draw.pick([
      path,
      path,
      path,
      `${path}/`,
      `/${path}`,
      `${path}/../x`,
      `${path}/./cart`,
      path.replace('/', '/%73hop/..%2F'),
      path.replace('s', '%73'),
      `${path}%2fcart`,
      `${path}%20y`,
      path.toUpperCase(),
    ]);
  const query = draw.pick(['', '', '?q=yes', '?q', '?r=1&q=yeah', '?q=no&q=yes', '?q=%79es', '?']);
  const host = draw.pick([
    'a.example.com',
    'A.example.com:8080',
    'b.example.com',
    'c.b.example.com',
    'd.c.b.example.com:80',
    '.example.com',
    'example.com',
    'other.test',
  ]);
  const headers: [string, string][] = [['host', host]];
  if (draw.chance(0.6)) headers.push(['x-canary', draw.pick(['yes', 'yeah', 'no', ''])]);
  if (draw.chance(0.1)) headers.push(['content-type', draw.pick(['application/grpc', 'application/grpc+proto', 'application/grpc-x'])]);
  return { method: draw.pick(['GET', 'GET', 'GET', 'POST', 'HEAD', 'DELETE']), url: `http://127.0.0.1:${port}${odd(drawPath(draw))}${query}`, headers };
}

function partsOf(url: string): { port: number; pathAndQuery: string } {
  const [, port = '', pathAndQuery = ''] = /^http:\/\/127\.0\.0\.1:(\d+)(.*)$/.exec(url) ?? [];
  return { port: Number(port), pathAndQuery };
}

function resourcesOf(group: Group, backendPort: number): Resource[] {
  return [
    ...clusters.map((name) => {
      const address = { socket_address: { address: '127.0.0.1', port_value: backendPort } };
      return resource(
        'clusters',
        name,
        { name, type: 'STATIC', load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] } },
        [],
      );
    }),
    ...group.listeners.map(listenerResource),
    ...group.routeConfigurations.map((configuration, index) => routeResource(configuration, group.listeners[index] ?? listener())),
  ];
}

function snapshotOf(resources: readonly Resource[]): Snapshot {
  const byType = resourceTypes.map((type) => [type, new Map(resources.filter((each) => each.type === type).map((each) => [each.name, each]))]);
  return { group: 'default', revision: 'test', resources: Object.fromEntries(byType) as Record<ResourceType, ResourceMap> };
}
