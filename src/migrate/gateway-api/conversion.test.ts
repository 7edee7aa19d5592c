import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultSettings } from '../../settings.ts';
import { readFolder } from '../../source/folder.ts';
import { storeViewOf } from '../../store/store.ts';
import { sceneOf } from '../scene.ts';
import { type Conversion, toGatewayApi } from './conversion.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-gateway-api-'));
after(() => rmSync(folder, { recursive: true }));

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } };
const settingsOf = (data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
  data,
});

function ingress(name: string, paths: readonly string[], annotations: Readonly<Record<string, string>> = {}, spec: object = {}): unknown {
  const written = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]));
  const rules = paths.map((text) => {
    const [host, path, pathType = 'Prefix', backend = 'a'] = text.split(' ');
    return { host, http: { paths: [{ path, pathType, backend: { service: { name: backend, port: { number: 80 } } } }] } };
  });
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, annotations: written }, spec: { rules, ...spec } };
}

function convert(...objects: readonly unknown[]): Conversion {
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, [service, ...objects].map((object) => JSON.stringify(object)).join('\n---\n'));
  return toGatewayApi(sceneOf(storeViewOf(readFolder([file]).objects).view, defaultSettings, []));
}

const reasonsOf = ({ kept }: Conversion): readonly string[] => kept.map(({ ingress: { name }, reason }) => `${name}: ${reason}`);
const kindsOf = ({ objects }: Conversion): readonly unknown[] => objects.map(({ kind }) => kind);

test('settings that hold for the ports, that say what holds anyway, and that nobody acts on keep nothing back', () => {
  const settings = settingsOf({
    'keep-alive': '30',
    'proxy-body-size': '1m',
    'ssl-protocols': 'TLSv1.2 TLSv1.3',
    'http-snippet': 'x',
    'worker-processes': '4',
  });
  assert.deepEqual(reasonsOf(convert(settings, ingress('i', ['a.example /x']))), []);
});

test('a plain Ingress becomes a Gateway, an HTTPRoute and a TrafficPolicy that are valid', () => {
  const conversion = convert(ingress('i', ['a.example /x']));
  assert.deepEqual(kindsOf(conversion), ['Gateway', 'HTTPRoute', 'TrafficPolicy']);
  const file = join(folder, 'made.yaml');
  writeFileSync(file, conversion.objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  assert.deepEqual(storeViewOf(readFolder([file]).objects).diagnostics, []);
  assert.deepEqual(readFolder([file]).diagnostics, []);
});

const stays: readonly (readonly [name: string, objects: readonly unknown[], reasons: readonly string[]])[] = [
  ['what guards paths', [ingress('i', ['a.example /'], { 'whitelist-source-range': '10.0.0.0/8' })], ['i: whitelist-source-range has no counterpart']],
  [
    'what shares a host name with such, and its other host names',
    [
      ingress('guarded', ['a.example /admin'], { 'auth-url': 'http://auth.example/' }),
      ingress('open', ['a.example /', 'b.example /']),
      ingress('next', ['b.example /next']),
    ],
    [
      'guarded: auth-url has no counterpart',
      'next: its host name b.example is shared with Ingress default/open, which stays',
      'open: its host name a.example is shared with Ingress default/guarded, which stays',
    ],
  ],
  [
    'whose name is another name of one that stays',
    [ingress('i', ['a.example /'], { 'server-alias': 'b.example,~^b' }), ingress('j', ['b.example /'])],
    ['i: server-alias, where it stands for many host names, has no counterpart', 'j: its host name b.example is shared with Ingress default/i, which stays'],
  ],
  ['what cannot be served', [ingress('i', ['a.example /(?!b)x ImplementationSpecific'], { 'use-regex': 'true' })], ['i: no path of a.example can be served']],
  [
    'what a setting guards',
    [settingsOf({ 'whitelist-source-range': '10.0.0.0/8' }), ingress('i', ['a.example /'])],
    ['i: the setting whitelist-source-range holds for Ingresses alone'],
  ],
  ['what is dropped', [ingress('i', ['a.example /'], { 'limit-rps': 'x' })], ['i: ingress-nginx drops it, and so does Sluice']],
  ['wildcards', [ingress('i', ['*.a.example /'])], ['i: *.a.example takes one label, and the host name of an HTTPRoute any number']],
  [
    'a limit for bodies below the usual one',
    [ingress('i', ['a.example /'], { 'proxy-body-size': '8k' })],
    ['i: proxy-body-size, where it is below the usual 1m, has no counterpart'],
  ],
  [
    'another name without a certificate, where the host name has one',
    [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' } },
      ingress('i', ['a.example /'], { 'server-alias': 'b.example' }, { tls: [{ hosts: ['a.example'], secretName: 't' }] }),
    ],
    ['i: b.example, another name of a host name with a certificate, has none of its own'],
  ],
  ['groups', [ingress('i', ['a.example /(a|b)(.*)'], { 'rewrite-target': '/$2' })], ['i: the groups of rewrite-target at /(a|b)(.*) have no counterpart']],
  [
    'a longer path that nginx gives to a shorter prefix',
    [ingress('i', ['a.example /a/?(.*) ImplementationSpecific'], { 'rewrite-target': '/$1' }), ingress('j', ['a.example /ab'])],
    [
      'i: the order in which the expressions of a.example are tried has no counterpart',
      'j: the order in which the expressions of a.example are tried has no counterpart',
    ],
  ],
  [
    'an expression that nginx tries after a prefix',
    [
      ingress('i', ['a.example /a(/|$)(.*)'], { 'rewrite-target': '/$2' }),
      ingress('j', ['a.example /a/[0-9]+ ImplementationSpecific'], { 'use-regex': 'true' }),
    ],
    [
      'i: the order in which the expressions of a.example are tried has no counterpart',
      'j: the order in which the expressions of a.example are tried has no counterpart',
    ],
  ],
  [
    'origins with a wildcard of one label',
    [ingress('i', ['a.example /'], { 'enable-cors': 'true', 'cors-allow-origin': 'https://*.b.example' })],
    ['i: cors-allow-origin takes one label for *, and a CORS filter any number'],
  ],
  [
    'CORS that a filter cannot hold',
    [ingress('i', ['a.example /'], { 'enable-cors': 'true', 'cors-max-age': '0' })],
    ['i: its CORS has values that a CORS filter does not take'],
  ],
  [
    'TLS to backends',
    [ingress('i', ['a.example /'], { 'backend-protocol': 'HTTPS' })],
    ['i: backend-protocol: HTTPS has no counterpart, as policies verify certificates'],
  ],
  [
    'a hash of the path',
    [ingress('i', ['a.example /'], { 'upstream-hash-by': '$request_uri' })],
    ['i: upstream-hash-by, of the path or the host name, has no counterpart'],
  ],
  [
    'session cookies that a policy does not make',
    [
      ingress('d', ['d.example /'], { affinity: 'cookie', 'session-cookie-domain': 'example' }),
      ingress('n', ['n.example /'], { affinity: 'cookie', 'session-cookie-samesite': 'None' }),
      ingress('s', ['s.example /'], { affinity: 'cookie', 'session-cookie-secure': 'true' }),
    ],
    ['d: session-cookie-domain has no counterpart', 'n: session-cookie-samesite: None has no counterpart', 's: session-cookie-secure has no counterpart'],
  ],
  [
    'sessions of two Services with one cookie',
    [{ ...service, metadata: { name: 'b' } }, ingress('i', ['a.example /', 'a.example /b Prefix b'], { affinity: 'cookie' })],
    ['i: the sessions of several Services of a.example have the cookie INGRESSCOOKIE'],
  ],
  [
    'what is wanted of a Service that has a policy',
    [
      {
        apiVersion: 'gateway.sluice.dev/v1alpha1',
        kind: 'BackendPolicy',
        metadata: { name: 'p' },
        spec: { targetRefs: [{ group: '', kind: 'Service', name: 'a' }], protocol: 'HTTP1' },
      },
      ingress('i', ['a.example /'], { 'backend-protocol': 'GRPC' }),
    ],
    ['i: the Service a has a BackendPolicy, or routes of Gateway API'],
  ],
  [
    'a Service of which the oldest Ingress says how endpoints are chosen',
    [ingress('i', ['a.example /']), ingress('j', ['b.example /'], { 'load-balance': 'round_robin' })],
    ['i: not all Ingresses want the same of the Service a', 'j: not all Ingresses want the same of the Service a'],
  ],
  ['a port in upstream-vhost', [ingress('i', ['a.example /'], { 'upstream-vhost': 'b.internal:8080' })], ['i: upstream-vhost is no plain host name']],
  ['backends that are not there', [ingress('i', ['a.example / Prefix none'])], ['i: the Service none or its port is not there']],
  ['TLS without a Secret', [ingress('i', ['a.example /'], {}, { tls: [{ hosts: ['a.example'] }] })], ['i: a.example has the default certificate']],
];

for (const [name, objects, reasons] of stays) {
  test(`an Ingress stays: ${name}`, () => {
    const conversion = convert(...objects);
    assert.deepEqual(reasonsOf(conversion).toSorted(), reasons);
    assert.deepEqual(conversion.objects, []);
  });
}

test('what is wanted of a Service is said where all want the same, also those that stay', () => {
  const grpc = { 'backend-protocol': 'GRPC', 'proxy-connect-timeout': '90' };
  const { objects } = convert(ingress('i', ['a.example /'], grpc), ingress('stays', ['b.example /'], { ...grpc, 'limit-rps': '5' }));
  const [policy] = objects.filter(({ kind }) => kind === 'BackendPolicy');
  assert.deepEqual(policy?.['spec'], {
    targetRefs: [{ group: '', kind: 'Service', name: 'a', sectionName: '80' }],
    timeouts: { connect: '1m30s' },
    protocol: 'HTTP2',
  });
  const disputed = convert(ingress('i', ['a.example /'], grpc), ingress('plain', ['b.example /']));
  assert.deepEqual(reasonsOf(disputed), ['i: not all Ingresses want the same of the Service a']);
  assert.deepEqual(kindsOf(disputed), ['Gateway', 'HTTPRoute', 'TrafficPolicy']);
});

test('pages of all origins get no credentials, whatever the backend says', () => {
  const filtersOf = (annotations: Readonly<Record<string, string>>) => {
    const [route] = convert(ingress('i', ['a.example /'], annotations)).objects.filter(({ kind }) => kind === 'HTTPRoute');
    return (route as unknown as WrittenRoute).spec.rules[0]?.filters ?? [];
  };
  const withheld = { type: 'ResponseHeaderModifier', responseHeaderModifier: { remove: ['access-control-allow-credentials'] } };
  const anyone = filtersOf({ 'enable-cors': 'true' });
  assert.deepEqual(
    anyone.filter(({ type }) => type === 'ResponseHeaderModifier'),
    [withheld],
  );
  assert.doesNotMatch(JSON.stringify(anyone), /allowCredentials/);
  const listed = filtersOf({ 'enable-cors': 'true', 'cors-allow-origin': 'https://b.example' });
  assert.match(JSON.stringify(listed), /"allowOrigins":\["https:\/\/b.example"\],"allowCredentials":true/);
  assert.ok(!listed.some(({ type }) => type === 'ResponseHeaderModifier'));
});

test('what all families make is valid, and what they do in another way is told', () => {
  const conversion = convert(
    ingress('i', ['a.example /shop(/|$)(.*) ImplementationSpecific'], {
      'rewrite-target': '/$2',
      'enable-cors': 'true',
      affinity: 'cookie',
      'session-cookie-max-age': '259200',
      'upstream-hash-by': '$http_x_user',
      'load-balance': 'ewma',
      'proxy-read-timeout': '604800',
      'proxy-send-timeout': '5',
      'enable-access-log': 'false',
      'from-to-www-redirect': 'true',
    }),
  );
  assert.deepEqual(reasonsOf(conversion), []);
  assert.deepEqual(kindsOf(conversion), ['Gateway', 'HTTPRoute', 'TrafficPolicy', 'HTTPRoute', 'BackendPolicy']);
  const file = join(folder, 'made.yaml');
  writeFileSync(file, conversion.objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  assert.deepEqual(readFolder([file]).diagnostics, []);
  assert.deepEqual(conversion.converted[0]?.told, [
    'HTTPS with the default certificate is not served',
    'preflights are answered with 200, and any other OPTIONS reaches the backend',
    'Access-Control-Allow-Methods, -Allow-Headers and -Max-Age come with preflights alone',
    'redirects, and the 404 for what no path takes, have no headers of CORS',
    'Access-Control-Allow-Origin names the origin, without Access-Control-Allow-Credentials, as browsers send no credentials for *',
    'the cookie INGRESSCOOKIE is for all paths of the host name and SameSite=Lax, and has Max-Age without Expires',
    'of two endpoints the one with fewer requests is chosen, not the faster one',
    'requests without the value that is hashed are spread over all endpoints',
    'a backend that takes nothing of a body is given up after 604800 seconds, as one that is silent',
    'its requests are in the access log',
    'a slash at the end of a path stays where the other name with or without www. is redirected',
    'paths of a.example are taken letter by letter and in whole parts: not `/API` or `/apis` for `/api`, but `/api` for `/api/`',
  ]);
});

test('what is off or says what HTTPRoutes do anyway keeps nothing back', () => {
  const annotations = { 'enable-cors': 'false', 'enable-modsecurity': 'false', 'proxy-body-size': '0', 'proxy-request-buffering': 'off' };
  const conversion = convert(settingsOf({ 'proxy-body-size': '50m', 'hsts-max-age': '60' }), ingress('i', ['a.example /x'], annotations));
  assert.deepEqual(reasonsOf(conversion), []);
  assert.deepEqual(conversion.converted[0]?.told, ['HTTPS with the default certificate is not served']);
});

test('why no Ingress moves names all settings', () => {
  const { obstacle, objects } = convert(settingsOf({ 'use-forwarded-headers': 'true', 'block-cidrs': '10.0.0.0/8' }), ingress('i', ['a.example /x']));
  assert.equal(obstacle, 'the settings use-forwarded-headers, block-cidrs hold for Ingresses alone');
  assert.deepEqual(objects, []);
});

test('other names are host names, and the root of the application is a redirect before that to HTTPS', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' } };
  const tls = { tls: [{ hosts: ['a.example', 'b.example'], secretName: 't' }] };
  const { objects } = convert(secret, ingress('i', ['a.example /'], { 'server-alias': 'b.example', 'app-root': '/home' }, tls));
  const routes = objects.filter(({ kind }) => kind === 'HTTPRoute').map((route) => route as unknown as WrittenRoute);
  assert.deepEqual(routes.map(({ spec }) => spec.hostnames[0]).toSorted(), ['a.example', 'a.example', 'b.example', 'b.example']);
  for (const { spec, metadata } of routes) {
    const filters = spec.rules.map((rule) => rule.filters);
    assert.equal(filters[0]?.find(({ type }) => type === 'RequestRedirect')?.requestRedirect?.path?.replaceFullPath, '/home');
    const isTold = filters.map((some) => JSON.stringify(some).includes('{"name":"Strict-Transport-Security","value":"max-age=31536000; includeSubDomains"}'));
    assert.deepEqual(isTold, [metadata.name.startsWith('https-'), metadata.name.startsWith('https-')]);
  }
});

interface WrittenRoute {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly hostnames: readonly string[];
    readonly rules: readonly {
      readonly filters: readonly { readonly type: string; readonly requestRedirect?: { readonly path?: { readonly replaceFullPath: string } } }[];
    }[];
  };
}

test('many paths and many host names have room', () => {
  const paths = Array.from({ length: 40 }, (_, index) => `a.example /p${index}`);
  const hosts = Array.from({ length: 40 }, (_, index) => `h${index}.example /`);
  const kinds = kindsOf(convert(ingress('i', paths), ingress('j', hosts)));
  assert.equal(kinds.filter((kind) => kind === 'Gateway').length, 2);
  assert.equal(kinds.filter((kind) => kind === 'HTTPRoute').length, 3 + 40);
});
