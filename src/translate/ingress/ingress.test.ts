import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { selfSigned, tlsSecret } from '../../../examples/quickstart/backends/self-signed.ts';
import { gatewaysOf, places, routeLine, routeLines } from '../../../test/fake/translation.ts';

const ingress = (name: string, spec: string, metadata = ''): string =>
  `---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: ${name}${metadata}}, spec: {${spec}}}\n`;
const backend = (name: string): string => `backend: {service: {name: ${name}, port: {number: 1}}}`;
const path = (value: string, name: string, pathType = 'Prefix'): string => `{path: ${value}, pathType: ${pathType}, ${backend(name)}}`;
const rule = (host: string, ...paths: readonly string[]): string => `{${host === '*' ? '' : `host: "${host}", `}http: {paths: [${paths.join(', ')}]}}`;
const gateway = (name: string, listeners: string): string =>
  `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: ${name}}, spec: {gatewayClassName: sluice, listeners: [${listeners}]}}\n`;

const now = Date.UTC(2026, 0, 1);
const secretFor = async (name: string, ...hosts: string[]): Promise<string> => `---\n${tlsSecret(name, await selfSigned(hosts, now))}`;
const secret = await secretFor('cert', 'a.example.com', '*.wild.example.com');

/** The routes; those of port 443 are left out where they are those of port 80. */
function linesOf(groups: Parameters<typeof routeLines>[0]): readonly string[] {
  const lines = routeLines(groups);
  const plain = lines.filter((line) => /^\w+\/80 /.test(line));
  const secure = lines.filter((line) => /^\w+\/443 /.test(line)).map((line) => line.replace('/443 ', '/80 '));
  return isDeepStrictEqual(secure, plain) ? plain : lines;
}

/** Name, objects, routes, diagnostics. */
const cases: readonly [string, string, readonly string[], readonly string[]][] = [
  [
    'the three types of path, the longest first',
    ingress(
      'i',
      `rules: [${rule('a.example.com', path('/', 'root'), path('/shop/', 'shop'), path('/shop', 'exact', 'Exact'), path('/sh', 'chars', 'ImplementationSpecific'))}]`,
    ),
    [
      'default/80 a.example.com: =/shop -> exact:1',
      'default/80 a.example.com: /shop/* -> shop:1',
      'default/80 a.example.com: /sh -> chars:1',
      'default/80 a.example.com: /* -> root:1',
    ],
    [],
  ],
  [
    'one label below a wildcard',
    ingress('i', `rules: [${rule('*.example.com', path('/', 'a'))}]`),
    ['default/80 *.example.com: /* :authority~(?i)[\\w-]+\\.example\\.com\\.?(:[0-9]+)? -> a:1'],
    [],
  ],
  ['a port by name', ingress('i', 'defaultBackend: {service: {name: a, port: {name: http}}}'), ['default/80 *: /* -> a:http'], []],
  ['a default backend alone takes every host name', ingress('i', 'defaultBackend: {service: {name: a, port: {number: 1}}}'), ['default/80 *: /* -> a:1'], []],
  [
    'a default backend takes what its own host names have no path for',
    ingress(
      'i',
      `defaultBackend: {service: {name: rest, port: {number: 1}}}, rules: [${rule('a.example.com', path('/x', 'x'))}, ${rule('b.example.com', path('/', 'b'))}, {host: c.example.com}]`,
    ),
    [
      'default/80 a.example.com: /x -> x:1',
      'default/80 a.example.com: /* -> rest:1',
      'default/80 b.example.com: /* -> b:1',
      'default/80 c.example.com: /* -> rest:1',
    ],
    [],
  ],
  [
    'backends that cannot take requests',
    ingress(
      'i',
      `rules: [${rule('*', path('/a', 'missing'), '{path: /b, pathType: Prefix, backend: {resource: {kind: Bucket, name: x}}}', '{path: /c, pathType: Prefix, backend: {service: {name: x}}}')}]`,
    ),
    ['default/80 *: /a -> 503', 'default/80 *: /b -> 503', 'default/80 *: /c -> 503'],
    ['UnsupportedBackend Ingress default/i spec.rules.0.http.paths.1.backend', 'UnsupportedBackend Ingress default/i spec.rules.0.http.paths.2.backend'],
  ],
  [
    'the same path twice',
    ingress('old', `rules: [${rule('a.example.com', path('/', 'old'))}]`) + ingress('new', `rules: [${rule('a.example.com', path('/', 'new'))}]`),
    ['default/80 a.example.com: /* -> old:1'],
    ['MatchShadowed Ingress default/new spec.rules.0.http.paths.0'],
  ],
  [
    'TLS redirects, but for challenges',
    ingress(
      'i',
      `tls: [{hosts: [a.example.com], secretName: cert}], rules: [${rule('a.example.com', path('/', 'a'))}, ${rule('b.example.com', path('/', 'b'))}]`,
    ) +
      ingress('solver', `rules: [${rule('a.example.com', path('/.well-known/acme-challenge/x', 'acme', 'Exact'))}]`) +
      ingress('same-host', `rules: [${rule('a.example.com', path('/more', 'more'))}]`) +
      secret,
    [
      'default/80 a.example.com: =/.well-known/acme-challenge/x -> acme:1',
      'default/80 a.example.com: /more -> 308 https://{host}{cut}',
      'default/80 a.example.com: /* -> 308 https://{host}{cut}',
      'default/80 b.example.com: /* -> b:1',
      'default/443 a.example.com: =/.well-known/acme-challenge/x -> acme:1',
      'default/443 a.example.com: /more -> more:1',
      'default/443 a.example.com: /* -> a:1',
      'default/443 b.example.com: /* -> b:1',
    ],
    [],
  ],
  [
    'TLS by a wildcard, and for whatever the rules name',
    ingress('i', `tls: [{hosts: ["*.wild.example.com"], secretName: cert}], rules: [${rule('x.wild.example.com', path('/', 'x'))}]`) +
      ingress('j', `tls: [{secretName: cert}], rules: [${rule('a.example.com', path('/', 'a'))}]`) +
      secret,
    [
      'default/80 a.example.com: /* -> 308 https://{host}{cut}',
      'default/80 x.wild.example.com: /* -> 308 https://{host}{cut}',
      'default/443 a.example.com: /* -> a:1',
      'default/443 x.wild.example.com: /* -> x:1',
    ],
    [],
  ],
  [
    'what was meant for TLS is not opened without a certificate',
    ingress(
      'i',
      `tls: [{hosts: [a.example.com], secretName: nope}, {hosts: [b.example.com]}], rules: [${rule('a.example.com', path('/', 'a'))}, ${rule('b.example.com', path('/', 'b'))}]`,
    ),
    [
      'default/80 a.example.com: /* -> 308 https://{host}{cut}',
      'default/80 b.example.com: /* -> 308 https://{host}{cut}',
      'default/443 a.example.com: /* -> a:1',
      'default/443 b.example.com: /* -> b:1',
    ],
    ['SecretNotFound Ingress default/i spec.tls.0', 'SecretNotFound Ingress default/i spec.tls.1'],
  ],
  [
    'classes',
    `---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: theirs}, spec: {controller: example.com/other}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
${ingress('a', `ingressClassName: theirs, rules: [${rule('a.example.com', path('/', 'a'))}]`)}${ingress('b', `ingressClassName: nginx, rules: [${rule('b.example.com', path('/', 'b'))}]`)}${ingress('c', `ingressClassName: unwritten, rules: [${rule('c.example.com', path('/', 'c'))}]`)}${ingress('d', `rules: [${rule('d.example.com', path('/', 'd'))}]`, ', annotations: {kubernetes.io/ingress.class: theirs}')}`,
    ['default/80 b.example.com: /* -> b:1', 'default/80 c.example.com: /* -> c:1'],
    ['ClassForeign Ingress default/a spec.ingressClassName', 'ClassForeign Ingress default/d metadata.annotations.kubernetes.io/ingress.class'],
  ],
  [
    'annotations of ingress-nginx',
    ingress(
      'i',
      `rules: [${rule('a.example.com', path('/', 'a'))}]`,
      ', annotations: {nginx.ingress.kubernetes.io/enable-access-log: "404", example.com/x: y}',
    ),
    ['default/80 a.example.com: /* -> a:1'],
    ['AnnotationIgnored Ingress default/i metadata.annotations.nginx.ingress.kubernetes.io/enable-access-log'],
  ],
  [
    'an expression makes expressions of all paths of its host name, the longest text first',
    ingress(
      'rx',
      `rules: [${rule('a.example.com', path('/rx/.*', 'rx'), path('/a(?=b)', 'bad', 'ImplementationSpecific'), path('/one|/two', 'either'))}]`,
      ', annotations: {nginx.ingress.kubernetes.io/use-regex: "true"}',
    ) +
      ingress('plain', `rules: [${rule('a.example.com', path('/bar', 'bar'), path('/Case', 'exact', 'Exact'))}]`) +
      ingress('other', `rules: [${rule('b.example.com', path('/bar', 'bar'))}]`),
    [
      'default/80 a.example.com: ~(?i).*?(?:^//?one|/two).* -> either:1',
      'default/80 a.example.com: ~(?i)/rx/.*.* -> rx:1',
      'default/80 a.example.com: ~(?i)/bar/.* -> bar:1',
      'default/80 a.example.com: ~(?i)/Case.* -> exact:1',
      'default/80 a.example.com: ~(?i)/bar.* -> bar:1',
      'default/80 b.example.com: /bar -> bar:1',
    ],
    ['InvalidRegex Ingress default/rx spec.rules.0.http.paths.1'],
  ],
  [
    'rewrites replace the whole path, but where the target is the path',
    ingress(
      'i',
      `rules: [${rule('a.example.com', path('/same', 'a'), path('/x/(.*)', 'b'))}, ${rule('b.example.com', path('/same', 'a'), path('/', 'b'))}]`,
      ', annotations: {nginx.ingress.kubernetes.io/rewrite-target: /same, nginx.ingress.kubernetes.io/x-forwarded-prefix: /p}',
    ) +
      ingress('j', `rules: [${rule('c.example.com', path('/(a)/(b)', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$2/$3/$1}') +
      ingress('k', `rules: [${rule('d.example.com', path('/x', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$host}') +
      ingress('l', `rules: [${rule('e.example.com', path('/', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/rewrite-target: /}'),
    [
      'default/80 a.example.com: ~(?i)/x/(.*).* -> b:1 ^(?i)/x/(.*).*$ to /same',
      'default/80 a.example.com: ~(?i)/same/.* -> a:1 ^(?i)/same/.*$ to /same',
      'default/80 a.example.com: ~(?i)/same.* -> a:1',
      'default/80 b.example.com: ~(?i)/same/.* -> a:1 ^(?i)/same/.*$ to /same',
      'default/80 b.example.com: ~(?i)/same.* -> a:1',
      'default/80 b.example.com: ~(?i)/.* -> b:1 ^(?i)/.*$ to /same',
      'default/80 c.example.com: ~(?i)//?(a)/(b).* -> a:1 ^(?i)//?(a)/(b).*$ to /\\2//\\1',
      'default/80 d.example.com: ~(?i)/x.* -> 503',
      'default/80 e.example.com: /* -> a:1',
    ],
    ['RewriteUnsupported Ingress default/k metadata.annotations.nginx.ingress.kubernetes.io/rewrite-target'],
  ],
  [
    'redirects',
    ingress('slash', `rules: [${rule('a.example.com', path('/dir/', 'a'), path('/', 'root'))}]`) +
      ingress('root', `rules: [${rule('a.example.com', path('/only', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/app-root: /home}') +
      ingress(
        'to',
        `rules: [${rule('b.example.com', path('/', 'a'))}]`,
        ', annotations: {nginx.ingress.kubernetes.io/permanent-redirect: "https://x.example/", nginx.ingress.kubernetes.io/permanent-redirect-code: "404", nginx.ingress.kubernetes.io/force-ssl-redirect: "true"}',
      ) +
      ingress('www', `rules: [${rule('www.c.example.com', path('/', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/from-to-www-redirect: "true"}') +
      ingress('force', `rules: [${rule('d.example.com', path('/', 'a'))}]`, ', annotations: {nginx.ingress.kubernetes.io/force-ssl-redirect: "true"}'),
    [
      'default/80 a.example.com: =/ -> 302 {scheme}://{authority}/home',
      'default/80 a.example.com: =/dir -> 301 {scheme}://{host}/dir/{query}',
      'default/80 a.example.com: /dir/* -> a:1',
      'default/80 a.example.com: /only -> a:1',
      'default/80 a.example.com: /* -> root:1',
      'default/80 b.example.com: /* -> 301 https://x.example/',
      'default/80 c.example.com: /* -> 308 {scheme}://www.c.example.com:80{cut}',
      'default/80 d.example.com: /* -> 308 https://{host}{cut}',
      'default/80 www.c.example.com: /* -> a:1',
      'default/443 a.example.com: =/ -> 302 {scheme}://{authority}/home',
      'default/443 a.example.com: =/dir -> 301 {scheme}://{host}/dir/{query}',
      'default/443 a.example.com: /dir/* -> a:1',
      'default/443 a.example.com: /only -> a:1',
      'default/443 a.example.com: /* -> root:1',
      'default/443 b.example.com: /* -> 301 https://x.example/',
      'default/443 c.example.com: /* -> 308 {scheme}://www.c.example.com:443{cut}',
      'default/443 d.example.com: /* -> a:1',
      'default/443 www.c.example.com: /* -> a:1',
    ],
    [],
  ],
  [
    'aliases, but not of host names with rules',
    ingress(
      'f',
      `rules: [${rule('a.example.com', path('/', 'a'))}]`,
      `, annotations: {nginx.ingress.kubernetes.io/server-alias: 'b.example.com, c.example.com, ~^any\\d+\\.org$'}`,
    ) + ingress('g', `rules: [${rule('b.example.com', path('/', 'b'))}]`),
    [
      'default/80 *: /* :authority~(?i)(?:any\\d+\\.org)\\.?(:[0-9]+)? -> a:1',
      'default/80 a.example.com: /* -> a:1',
      'default/80 b.example.com: /* -> b:1',
      'default/80 c.example.com: /* -> a:1',
    ],
    [],
  ],
  [
    'beside a Gateway, sorted with its routes',
    `${gateway('web', '{name: a, port: 80, protocol: HTTP}')}---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}, spec: {parentRefs: [{name: web}], hostnames: [a.example.com], rules: [{matches: [{path: {value: /new}}], backendRefs: [{name: new, port: 1}]}]}}
${ingress('i', `rules: [${rule('a.example.com', path('/', 'a'), path('/new/old', 'old'))}]`)}`,
    [
      'default/80 a.example.com: /new/old -> old:1',
      'default/80 a.example.com: /new -> new:1',
      'default/80 a.example.com: /* -> a:1',
      'default/443 a.example.com: /new/old -> old:1',
      'default/443 a.example.com: /* -> a:1',
    ],
    [],
  ],
  [
    'a Gateway holds port 443 for HTTP',
    gateway('web', '{name: a, port: 443, protocol: HTTP}') +
      ingress('i', `tls: [{hosts: [a.example.com], secretName: cert}], rules: [${rule('a.example.com', path('/', 'a'))}]`) +
      secret,
    ['default/80 a.example.com: /* -> a:1', 'default/443 *: nothing'],
    ['ListenerConflict Ingress default/i'],
  ],
  [
    'the GatewayConfig named default holds',
    `${ingress('i', `rules: [${rule('a.example.com', path('/', 'a'))}]`)}---
{apiVersion: gateway.sluice.dev/v1alpha1, kind: GatewayConfig, metadata: {name: default}, spec: {group: edge}}
`,
    ['edge/80 a.example.com: /* -> a:1'],
    [],
  ],
];
for (const [name, yaml, lines, diagnostics] of cases) {
  test(`ingress: ${name}`, () => {
    const result = gatewaysOf(yaml);
    assert.deepEqual(
      linesOf(result.groups).filter((line) => !line.includes('/healthz')),
      lines,
    );
    assert.deepEqual(places(result.diagnostics), diagnostics);
  });
}

test('ingress: a chain for each host name, of two certificates for one the older', async () => {
  const { groups, diagnostics } = gatewaysOf(
    ingress('i', `tls: [{hosts: [a.example.com, x.wild.example.com], secretName: cert}], rules: [${rule('a.example.com', path('/', 'a'))}]`) +
      ingress('j', `tls: [{hosts: [a.example.com], secretName: other}], rules: [${rule('a.example.com', path('/j', 'j'))}]`) +
      ingress(
        'k',
        `tls: [{hosts: [a.example.com], secretName: cert}, {hosts: [z.example.com], secretName: cert}], rules: [${rule('a.example.com', path('/k', 'k'))}]`,
      ) +
      secret +
      (await secretFor('other', 'a.example.com')),
  );
  const listener = groups[0]?.listeners.find(({ name }) => name === 'default/443');
  assert.deepEqual(
    listener?.filterChains.map(({ serverNames, tls }) => [serverNames.join(), tls?.certificates.join()]),
    [
      ['a.example.com', 'default/cert'],
      ['', 'sluice-default-certificate'],
      ['x.wild.example.com', 'default/cert'],
      ['z.example.com', 'default/cert'],
    ],
  );
  assert.deepEqual(
    groups[0]?.secrets.map(({ name }) => name),
    ['default/cert', 'sluice-default-certificate'],
  );
  assert.deepEqual(places(diagnostics), ['ListenerConflict Ingress default/j spec.tls.0', 'CertificateHostMismatch Ingress default/k spec.tls.1']);
});

test('ingress: load balancers ask any host name whether all is well', () => {
  const { groups } = gatewaysOf(ingress('i', `rules: [${rule('a.example.com', path('/', 'a'))}]`));
  assert.deepEqual(linesOf(groups), ['default/80 *: /healthz* -> 200', 'default/80 a.example.com: /* -> a:1']);
});

test('ingress: no Ingress, no group', () => assert.deepEqual(gatewaysOf('').groups, []));

test('ingress: TRACE is refused before anything else, whatever the paths are', () => {
  const { groups } = gatewaysOf(ingress('i', `rules: [${rule('a.example.com', path('/only', 'a', 'Exact'))}]`));
  const routes = groups[0]?.routeConfigurations[0]?.virtualHosts.find(({ name }) => name === 'a.example.com')?.routes ?? [];
  assert.deepEqual(routes.map(routeLine), ['/* TRACE -> 405', '=/only -> a:1']);
});
