import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfSigned, tlsSecret } from '../../examples/quickstart/backends/self-signed.ts';
import { gatewaysOf, places, routeLines } from '../../test/fake/translation.ts';

const gateway = (name: string, listeners: string, more = ''): string =>
  `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: ${name}, namespace: default}, spec: {gatewayClassName: sluice, listeners: [${listeners}]${more}}}\n`;
const http = (name: string, port = 80, more = ''): string => `{name: ${name}, port: ${port}, protocol: HTTP${more}}`;
const route = (name: string, spec: string, namespace = 'default'): string =>
  `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: ${name}, namespace: ${namespace}}, spec: {${spec}}}\n`;
const grpcRoute = (name: string, spec: string): string =>
  `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: ${name}}, spec: {${spec}}}\n`;
const config = (name: string, spec: string): string =>
  `---\n{apiVersion: gateway.sluice.dev/v1alpha1, kind: GatewayConfig, metadata: {name: ${name}}, spec: {${spec}}}\n`;
const withConfig = (name: string): string => `, infrastructure: {parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: ${name}}}`;
const to = (name: string, path = '/'): string => `rules: [{matches: [{path: {value: ${path}}}], backendRefs: [{name: ${name}, port: 1}]}]`;
const web = 'parentRefs: [{name: web}]';

/** Name, objects, routes, diagnostics. */
const cases: readonly [string, string, readonly string[], readonly string[]][] = [
  ['a port without routes listens', gateway('web', http('a')), ['default/80 *: nothing'], []],
  [
    'host names of routes and listeners meet',
    gateway('web', http('a', 80, ', hostname: "*.example.com"')) +
      route('r', `${web}, hostnames: [a.example.com, b.example.net, "*.a.example.com", "*.com"], ${to('x')}`),
    ['default/80 *.a.example.com: /* -> x:1', 'default/80 *.example.com: /* -> x:1', 'default/80 a.example.com: /* -> x:1'],
    [],
  ],
  [
    'a route without host names takes those of the listener',
    gateway('web', http('a', 80, ', hostname: a.example.com')) + route('r', `${web}, ${to('x')}`),
    ['default/80 a.example.com: /* -> x:1'],
    [],
  ],
  [
    'a host name that no listener has',
    gateway('web', http('a', 80, ', hostname: a.example.com')) + route('r', `${web}, hostnames: [b.example.com], ${to('x')}`),
    ['default/80 a.example.com: nothing'],
    ['HostNotListened HTTPRoute default/r spec.parentRefs.0'],
  ],
  [
    'a listener keeps its host name for itself',
    gateway('web', `${http('all')}, ${http('a', 80, ', hostname: a.example.com')}`) +
      route('r', `parentRefs: [{name: web, sectionName: all}], hostnames: [a.example.com, b.example.com], ${to('x')}`),
    ['default/80 *: nothing', 'default/80 a.example.com: nothing', 'default/80 b.example.com: /* -> x:1'],
    [],
  ],
  [
    'routes of one host name are sorted, those of a wildcard are not mixed in',
    gateway('web', http('a')) +
      route('old', `${web}, hostnames: [a.example.com], ${to('old', '/shop')}`) +
      route(
        'new',
        `${web}, hostnames: [a.example.com], rules: [{matches: [{path: {value: /shop/cart}}], backendRefs: [{name: new, port: 1}]}, {matches: [{path: {type: Exact, value: /}}], backendRefs: [{name: root, port: 1}]}]`,
      ) +
      route('wild', `${web}, hostnames: ["*.example.com"], ${to('wild')}`),
    [
      'default/80 *: nothing',
      'default/80 *.example.com: /* -> wild:1',
      'default/80 a.example.com: =/ -> root:1',
      'default/80 a.example.com: /shop/cart -> new:1',
      'default/80 a.example.com: /shop -> old:1',
    ],
    [],
  ],
  [
    'the same match twice',
    gateway('web', http('a')) + route('old', `${web}, ${to('old')}`) + route('new', `${web}, ${to('new')}`),
    ['default/80 *: /* -> old:1', 'default/80 *: /* -> new:1'],
    ['MatchShadowed HTTPRoute default/new spec.rules.0.matches.0'],
  ],
  [
    'section and port of a parent',
    gateway('web', `${http('a', 80)}, ${http('b', 81)}, ${http('c', 82)}`) +
      route('r', `parentRefs: [{name: web, sectionName: a}, {name: web, port: 81}], ${to('x')}`),
    ['default/80 *: /* -> x:1', 'default/81 *: /* -> x:1', 'default/82 *: nothing'],
    [],
  ],
  [
    'parents that are not there',
    gateway('web', http('a')) +
      route('r', `parentRefs: [{name: nope}, {name: web, sectionName: nope}, {name: web, port: 81}, {name: web, kind: Thing}], ${to('x')}`),
    ['default/80 *: nothing'],
    [0, 1, 2, 3].map((index) => `ParentNotFound HTTPRoute default/r spec.parentRefs.${index}`),
  ],
  [
    'parents of the mesh are left alone',
    gateway('web', http('a')) + route('r', `parentRefs: [{group: "", kind: Service, name: shop}], ${to('x')}`),
    ['default/80 *: nothing'],
    [],
  ],
  ['no parent', gateway('web', http('a')) + route('r', to('x')), ['default/80 *: nothing'], ['RouteWithoutParent HTTPRoute default/r spec']],
  [
    'another namespace is not allowed unless it is',
    `${gateway('web', http('a'))}${gateway('open', http('a', 81, ', allowedRoutes: {namespaces: {from: All}}'))}${gateway('chosen', http('a', 82, ', allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: shop}, matchExpressions: [{key: team, operator: In, values: [shop]}, {key: x, operator: DoesNotExist}]}}}'))}---
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
` +
      route('r', `parentRefs: [{name: web, namespace: default}, {name: open, namespace: default}, {name: chosen, namespace: default}], ${to('x')}`, 'shop') +
      route('s', `parentRefs: [{name: chosen, namespace: default}], ${to('y')}`, 'other'),
    ['default/80 *: nothing', 'default/81 *: /* -> x:1', 'default/82 *: /* -> x:1'],
    ['RouteNotAllowed HTTPRoute shop/r spec.parentRefs.0', 'RouteNotAllowed HTTPRoute other/s spec.parentRefs.0'],
  ],
  [
    'kinds of routes',
    gateway('web', `${http('a', 80, ', allowedRoutes: {kinds: [{kind: GRPCRoute}, {kind: TCPRoute}]}')}`) +
      route('r', `${web}, ${to('x')}`) +
      grpcRoute('g', `${web}, rules: [{backendRefs: [{name: g, port: 1}]}]`),
    ['default/80 *: /* grpc -> g:1~grpc'],
    ['UnsupportedRouteKind Gateway default/web spec.listeners.0.allowedRoutes.kinds.1', 'RouteNotAllowed HTTPRoute default/r spec.parentRefs.0'],
  ],
  [
    'HTTP and gRPC share no host name of a listener',
    gateway('web', http('a')) +
      route('r', `${web}, hostnames: ["*.example.com"], ${to('x')}`) +
      grpcRoute('g', `${web}, hostnames: [a.example.com], rules: [{backendRefs: [{name: g, port: 1}]}]`) +
      grpcRoute('h', `${web}, hostnames: [grpc.example.net], rules: [{backendRefs: [{name: h, port: 1}]}]`),
    ['default/80 *: nothing', 'default/80 *.example.com: /* -> x:1', 'default/80 grpc.example.net: /* grpc -> h:1~grpc'],
    ['RouteConflict GRPCRoute default/g spec.parentRefs.0'],
  ],
  [
    'redirects name the port of their listener',
    gateway('web', `${http('a', 80)}, ${http('b', 8081)}`) +
      route(
        'r',
        `${web}, rules: [{filters: [{type: RequestRedirect, requestRedirect: {hostname: x.y}}]}, {matches: [{path: {value: /s}}], filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]`,
      ),
    ['default/80 *: /s -> 302 https::443', 'default/80 *: /* -> 302 :x.y:80', 'default/8081 *: /s -> 302 https::443', 'default/8081 *: /* -> 302 :x.y:8081'],
    [],
  ],
  [
    'Gateways share a port by host name, the older wins',
    gateway('web', http('a', 80, ', hostname: a.example.com')) +
      gateway('two', `${http('a', 80, ', hostname: a.example.com')}, ${http('b', 80, ', hostname: b.example.com')}`) +
      route('r', `parentRefs: [{name: two}], ${to('x')}`),
    ['default/80 a.example.com: nothing', 'default/80 b.example.com: /* -> x:1'],
    ['ListenerConflict Gateway default/two spec.listeners.0'],
  ],
  [
    'ports that are bound on one',
    gateway('web', http('a', 80)) + gateway('two', http('a', 8080)),
    ['default/80 *: nothing'],
    ['PortUnavailable Gateway default/two spec.listeners.0'],
  ],
  [
    'protocols that are not there yet',
    gateway(
      'web',
      '{name: a, port: 90, protocol: TCP}, {name: b, port: 91, protocol: UDP}, {name: c, port: 92, protocol: TLS, tls: {mode: Passthrough}}, {name: d, port: 93, protocol: HTTP}',
    ),
    ['default/93 *: nothing'],
    [0, 1, 2].map((index) => `UnsupportedProtocol Gateway default/web spec.listeners.${index}.protocol`),
  ],
  [
    'classes',
    `---
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: theirs}, spec: {controllerName: example.com/other}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: ours}, spec: {controllerName: gateway.sluice.dev/controller}}
${gateway('a', http('a', 81)).replace('sluice', 'theirs')}${gateway('b', http('a', 82)).replace('sluice', 'ours')}${gateway('c', http('a', 83)).replace('sluice', 'nope')}`,
    ['default/82 *: nothing'],
    ['ClassForeign Gateway default/a spec.gatewayClassName', 'ClassNotFound Gateway default/c spec.gatewayClassName'],
  ],
  [
    'groups',
    gateway('web', http('a'), withConfig('own')) +
      gateway('two', http('a'), withConfig('nope')) +
      config('own', 'group: edge') +
      route('r', `${web}, ${to('x')}`),
    ['edge/80 *: /* -> x:1'],
    ['ParametersNotFound Gateway default/two spec.infrastructure.parametersRef'],
  ],
  [
    'settings of a shared port are those of the older Gateway',
    gateway('web', http('a', 80, ', hostname: a.example.com')) +
      gateway('two', http('a', 80, ', hostname: b.example.com'), withConfig('quiet')) +
      config('quiet', 'accessLog: {samplePercent: 0}'),
    ['default/80 a.example.com: nothing', 'default/80 b.example.com: nothing'],
    ['SettingConflict Gateway default/two spec.listeners.0'],
  ],
];
for (const [name, yaml, lines, diagnostics] of cases) {
  test(`gateway: ${name}`, () => {
    const result = gatewaysOf(yaml);
    assert.deepEqual(routeLines(result.groups), lines);
    assert.deepEqual(places(result.diagnostics), diagnostics);
  });
}

const now = Date.UTC(2026, 0, 1);
const secretFor = async (name: string, ...hosts: string[]): Promise<string> => `---\n${tlsSecret(name, await selfSigned(hosts, now))}`;
const https = (name: string, certificates: string, more = ''): string =>
  `{name: ${name}, port: 443, protocol: HTTPS, tls: {certificateRefs: [${certificates}]${more}}}`;

test('gateway: HTTPS has a chain for each host name, and one for all others', async () => {
  const { groups, diagnostics } = gatewaysOf(
    gateway(
      'web',
      `${https('all', '{name: one}')}, {hostname: b.example.com, ${https('b', '{name: two}, {name: one}', ', options: {gateway.sluice.dev/minimum-tls-version: "1.3"}').slice(1)}`,
    ) +
      (await secretFor('one', 'a.example.com')) +
      (await secretFor('two', 'b.example.com')) +
      (await secretFor('unused', 'c.example.com')),
  );
  assert.deepEqual(diagnostics, []);
  const listener = groups[0]?.listeners[0];
  assert.deepEqual([listener?.name, listener?.port, listener?.writtenPort], ['default/443', 8443, 443]);
  assert.deepEqual(
    listener?.filterChains.map(({ name, serverNames, tls, routeConfiguration }) => ({ name, serverNames, tls, routeConfiguration })),
    [
      {
        name: 'b.example.com',
        serverNames: ['b.example.com'],
        tls: { certificates: ['default/two', 'default/one'], minimumVersion: '1.3', alpn: ['h2', 'http/1.1'] },
        routeConfiguration: 'default/443',
      },
      {
        name: 'default',
        serverNames: [],
        tls: { certificates: ['default/one'], minimumVersion: '1.2', alpn: ['h2', 'http/1.1'] },
        routeConfiguration: 'default/443',
      },
    ],
  );
  assert.deepEqual(
    groups[0]?.secrets.map(({ name }) => name),
    ['default/one', 'default/two'],
  );
});

test('gateway: HTTPS without a certificate does not listen, all else goes on', async () => {
  const { groups, diagnostics } = gatewaysOf(
    gateway('web', `${http('a')}, ${https('b', '{name: nope}, {name: one, namespace: other}, {name: x, kind: Thing}')}`) +
      (await secretFor('one', 'a.example.com')).replace('name: one', 'name: one\n  namespace: other'),
  );
  assert.deepEqual(
    groups[0]?.listeners.map(({ name }) => name),
    ['default/80'],
  );
  assert.deepEqual(groups[0]?.secrets, []);
  const field = (index: number) => `Gateway default/web spec.listeners.1.tls.certificateRefs.${index}`;
  assert.deepEqual(places(diagnostics), [`SecretNotFound ${field(0)}`, `RefNotPermitted ${field(1)}`, `SecretNotFound ${field(2)}`]);
});

test('gateway: a grant lets a listener use a certificate of another namespace', async () => {
  const { groups, diagnostics } = gatewaysOf(
    `${gateway('web', https('b', '{name: one, namespace: other}'))}${(await secretFor('one', 'a.example.com')).replace('name: one', 'name: one\n  namespace: other')}---
{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {name: g, namespace: other}, spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: default}], to: [{group: "", kind: Secret}]}}`,
  );
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    groups[0]?.secrets.map(({ name }) => name),
    ['other/one'],
  );
});

test('gateway: a certificate for other names is served, and reported', async () => {
  const { groups, diagnostics } = gatewaysOf(
    gateway('web', `{hostname: z.example.com, ${https('b', '{name: one}').slice(1)}`) + (await secretFor('one', 'a.example.com')),
  );
  assert.equal(groups[0]?.listeners.length, 1);
  assert.deepEqual(places(diagnostics), ['CertificateHostMismatch Gateway default/web spec.listeners.0.tls.certificateRefs']);
});

test('gateway: who asks for certificates of clients is not opened to everybody', async () => {
  const frontend = 'default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}';
  const secret = await secretFor('one', 'a.example.com');
  const closed = gatewaysOf(gateway('web', `${http('a')}, ${https('b', '{name: one}')}`, `, tls: {frontend: {${frontend}}}`) + secret);
  assert.deepEqual(
    closed.groups[0]?.listeners.map(({ name }) => name),
    ['default/80'],
  );
  assert.deepEqual(places(closed.diagnostics), ['UnsupportedProtocol Gateway default/web spec.tls.frontend']);
  const open = gatewaysOf(gateway('web', https('b', '{name: one}'), `, tls: {frontend: {${frontend}, perPort: [{port: 443, tls: {}}]}}`) + secret);
  assert.deepEqual(
    open.groups[0]?.listeners.map(({ name }) => name),
    ['default/443'],
  );
});

test('gateway: two protocols on one port, the younger is not served', async () => {
  const { groups, diagnostics } = gatewaysOf(
    gateway('web', http('a', 443)) + gateway('two', https('b', '{name: one}')) + (await secretFor('one', 'a.example.com')),
  );
  assert.deepEqual(
    groups[0]?.listeners.map(({ name, filterChains }) => [name, filterChains.length]),
    [['default/443', 1]],
  );
  assert.deepEqual(places(diagnostics), ['ListenerProtocolConflict Gateway default/two spec.listeners.0']);
});

test('gateway: unknown TLS options are reported', async () => {
  const { diagnostics } = gatewaysOf(
    gateway('web', https('b', '{name: one}', ', options: {example.com/ciphers: x}')) + (await secretFor('one', 'a.example.com')),
  );
  assert.deepEqual(places(diagnostics), ['UnsupportedField Gateway default/web spec.listeners.0.tls.options.example.com/ciphers']);
});

test('gateway: settings of a listener come from its GatewayConfig, then from its class', () => {
  const { groups } = gatewaysOf(
    `{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: sluice}, spec: {controllerName: gateway.sluice.dev/controller, parametersRef: {group: gateway.sluice.dev, kind: GatewayConfig, name: all, namespace: default}}}\n${config('all', 'clientAddress: {mode: ProxyProtocol}, accessLog: {format: text}')}` +
      config('own', 'clientAddress: {mode: XForwardedFor, trustedCIDRs: [10.0.0.0/8]}') +
      gateway('a', http('a', 81), withConfig('own')) +
      gateway('b', http('a', 82)),
  );
  assert.deepEqual(
    groups[0]?.listeners.map(({ clientAddress, accessLog }) => ({ clientAddress, accessLog })),
    [
      {
        clientAddress: { mode: 'XForwardedFor', trustedCidrs: ['10.0.0.0/8'], believesOthers: true },
        accessLog: { format: 'text', samplePercent: 100 },
      },
      { clientAddress: { mode: 'ProxyProtocol', optional: false }, accessLog: { format: 'text', samplePercent: 100 } },
    ],
  );
});

test('gateway: a listener without a certificate is not reached through that of another', async () => {
  const { groups } = gatewaysOf(
    gateway('web', `{hostname: closed.example.com, ${https('a', '{name: nope}').slice(1)}, ${https('b', '{name: one}')}`) +
      (await secretFor('one', 'a.example.com')) +
      route('r', `${web}, ${to('x')}`),
  );
  assert.deepEqual(routeLines(groups), ['default/443 *: /* -> x:1', 'default/443 closed.example.com: nothing']);
});

test('gateway: fields that are asked for in vain are said', () => {
  const fields =
    ', addresses: [{value: 10.0.0.1}], allowedListeners: {namespaces: {from: All}}, defaultScope: All, tls: {backend: {clientCertificateRef: {name: x}}}';
  const { diagnostics } = gatewaysOf(
    gateway('web', http('a'), fields) + gateway('two', http('b', 81), ', allowedListeners: {namespaces: {from: None}}, defaultScope: None'),
  );
  assert.deepEqual(
    places(diagnostics),
    ['addresses', 'allowedListeners', 'defaultScope', 'tls.backend'].map((field) => `UnsupportedField Gateway default/web spec.${field}`),
  );
});
