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
  ['groups', [ingress('i', ['a.example /(.*)'], { 'rewrite-target': '/$1' })], ['i: the groups of rewrite-target at /(.*) have no counterpart']],
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
