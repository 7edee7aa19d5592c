import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Build, build } from '../../src/build.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { families } from '../../src/nginx/family/index.ts';
import { settings } from '../../src/nginx/setting/index.ts';
import { decode } from '../../src/proto/codec.ts';
import { defaultSettings, type Settings } from '../../src/settings.ts';
import { fakeView, objectsOf } from '../fake/objects.ts';
import type { Random } from '../fake/random.ts';
import { staticBootstrap } from '../static-bootstrap.ts';
import { seeded } from './seed.ts';

type Annotations = Readonly<Record<string, string>>;

const builds = 120;
/** Each is shown to Envoy. */
const settingBuilds = 30;
const prefix = 'nginx.ingress.kubernetes.io';

const victim = `
{apiVersion: v1, kind: Service, metadata: {name: app}, spec: {ports: [{port: 80}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: app-1, labels: {kubernetes.io/service-name: app}}, endpoints: [{addresses: [127.0.0.1]}], ports: [{name: "", port: 9000}]}
---
${ingress('victim', { 'allowlist-source-range': '10.0.0.0/8', 'enable-cors': 'true' }, '/')}`;

/** Settings under which nothing is dropped for its risk. */
const lenient = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}, data: {annotations-risk-level: Critical, allow-snippet-annotations: "true"}}`;

function ingress(name: string, annotations: Annotations, path: string): string {
  const written = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${prefix}/${key}`, value]));
  const backend = { service: { name: 'app', port: { number: 80 } } };
  const rules = [{ host: `${name}.example`, http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }];
  return JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, annotations: written }, spec: { rules } });
}

/** The known holes of ingress-nginx, each as an Ingress that would have used it. */
const known: readonly (readonly [string, Annotations, string?])[] = [
  ['CVE-2021-25742', { 'configuration-snippet': 'content_by_lua_block { ngx.say(io.open("/etc/passwd"):read("*a")) }' }],
  ['CVE-2021-25745', {}, '/x { alias /var/run/secrets/; } location /y'],
  ['CVE-2021-25746', { 'auth-realm': 'x";\n}\nlocation /y { return 200; }\n#' }],
  ['CVE-2023-5043', { 'server-snippet': '}\nserver { server_name victim.example; return 200; }\n' }],
  ['CVE-2023-5044', { 'permanent-redirect': 'https://x.example;}location /y{return 200;' }],
  ['CVE-2025-1097', { 'auth-tls-secret': 'default/ca', 'auth-tls-match-cn': 'CN=x #(\n){}\n}\nssl_engine /proc/self/fd/9;\n#' }],
  ['CVE-2025-1098', { 'mirror-target': 'http://x/;\n}\nssl_engine /proc/self/fd/9;\n#' }],
  ['CVE-2025-1974', { 'auth-url': 'http://x/#;\nload_module /proc/self/fd/9;\n' }],
  ['CVE-2025-24513', { 'auth-type': 'basic', 'auth-secret': '../../../etc/passwd' }],
  ['CVE-2025-24514', { 'auth-url': 'http://x/#;}\nssl_engine /proc/self/fd/9;\n#' }],
];

for (const [hole, annotations, path = '/'] of known) {
  for (const [settings, more] of [
    ['usual', ''],
    ['lenient', lenient],
  ] as const) {
    test(`${hole} changes nothing for others, with ${settings} settings`, () => assertHarmless(ingress('attacker', annotations, path), more));
  }
}

test('Envoy takes what is made of all of them, whatever is validated', async () => {
  const attackers = known.map(([hole, annotations, path = '/']) => ingress(hole.toLowerCase(), annotations, path));
  for (const validatesAnnotations of [true, false]) await assertAccepted(built({ validatesAnnotations }, ...attackers, lenient));
});

test('no annotation changes what others are given, or is refused by Envoy', async () => {
  const random = seeded('fuzz of annotations');
  const attackers: string[] = [];
  for (let count = 0; count < builds; count++) {
    const attacker = ingress(`attacker${count}`, fuzzedAnnotations(random), random.pick(['/', '/a', '/$1', '/(.*)', '/a%b']));
    assertHarmless(attacker, random.chance(0.5) ? lenient : '', { validatesAnnotations: random.chance(0.5) });
    attackers.push(attacker);
  }
  for (const validatesAnnotations of [true, false]) await assertAccepted(built({ validatesAnnotations }, ...attackers, lenient));
});

test('no setting, and no header that settings name, is refused by Envoy', async () => {
  const random = seeded('fuzz of settings');
  for (let count = 0; count < settingBuilds; count++) {
    const headers = Object.fromEntries(
      Array.from({ length: 4 }, () => [random.pick(['x-one', 'X-Two', 'x-three', 'Host', 'x four', ':path']), fuzzedText(random, [...parts, ...variables])]),
    );
    const data = { ...fuzzedTexts(random, Object.keys(settings)), 'proxy-set-headers': 'default/headers', 'add-headers': 'default/headers' };
    const objects = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'headers', namespace: 'default' }, data: headers },
    ];
    const made = built({}, ...objects.map((object) => JSON.stringify(object)));
    assert.deepEqual(
      made.diagnostics.filter(({ code }) => code === 'ResourceInvalid').map(({ message }) => message),
      [],
      JSON.stringify(objects),
    );
    await assertAccepted(made).catch((error: unknown) => assert.fail(`${error}\n${JSON.stringify(objects)}`));
  }
});

test('a number that is too large for Envoy stops nothing, and is the largest that it takes', async () => {
  const large = ['4294967296', '99999999999', '99999999999s', '99999999999m', '18446744073709551616'];
  const attackers = large.flatMap((value, index) =>
    [...new Set(names)].map((name, position) => ingress(`attacker${index}-${position}`, { [name]: value, affinity: 'cookie' }, '/')),
  );
  for (const attacker of attackers) assertHarmless(attacker, '');
  await assertAccepted(built({}, ...attackers));
  for (const value of large) {
    const data = Object.fromEntries(Object.keys(settings).map((key) => [key, value]));
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data };
    await assertAccepted(built({}, JSON.stringify({ ...configMap, data: { ...data, 'use-gzip': 'true', 'enable-brotli': 'true' } })));
  }
});

/** The victim is given the same with and without the attacker, and nothing needed to be held back from Envoy. */
function assertHarmless(attacker: string, settings: string, flags: Settings['ingress'] = {}): void {
  const alone = built(flags, settings);
  const together = built(flags, attacker, settings);
  assert.deepEqual(ofVictim(together), ofVictim(alone), attacker);
  assert.deepEqual(
    together.diagnostics.filter(({ code }) => code === 'ResourceInvalid').map(({ message }) => message),
    [],
    attacker,
  );
}

function built(ingress: Settings['ingress'], ...more: readonly string[]): Build {
  return build(fakeView(objectsOf([victim, ...more].join('\n---\n'))), { ...defaultSettings, ingress });
}

/** The listener, the cluster and the virtual host, as Envoy reads them. */
function ofVictim({ snapshots }: Build): unknown {
  const resources = snapshots.get('default')?.resources;
  const routes = resources?.routes.get('default/80');
  assert.ok(resources && routes);
  const hosts = decode('envoy.config.route.v3.RouteConfiguration', routes.bytes).virtual_hosts ?? [];
  return [resources.listeners.get('default/80')?.bytes, resources.clusters.get('default/app/80')?.bytes, hosts.find(({ name }) => name === 'victim.example')];
}

async function assertAccepted({ snapshots }: Build): Promise<void> {
  const snapshot = snapshots.get('default');
  assert.ok(snapshot);
  const { listeners, routes, clusters } = snapshot.resources;
  const envoy = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
  const work = await mkdtemp(join(tmpdir(), 'sluice-fuzz-'));
  try {
    const file = join(work, 'envoy.json');
    await writeFile(file, JSON.stringify(staticBootstrap([...listeners.values(), ...routes.values(), ...clusters.values()])));
    await new Promise<void>((resolve, reject) => {
      execFile(envoy, ['--mode', 'validate', '-c', file, '-l', 'error'], (error, _output, errors) => (error ? reject(new Error(errors)) : resolve()));
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const names = families.flatMap(({ annotations }) => Object.values(annotations).flatMap(({ name, aliases = [] }) => [name, ...aliases]));

/** What values are put together from: what ends texts in nginx and in Envoy, and what annotations are meant to hold. */
const parts = [
  ...[
    '\n',
    '\r\n',
    '\t',
    ' ',
    '"',
    "'",
    ';',
    '}',
    '{',
    '#',
    '\\',
    '\\1',
    '$1',
    '$host',
    '${',
    '%',
    '%REQ(x)%',
    '%%',
    ',',
    ':',
    '/',
    '../',
    '(',
    '[',
    '*',
    '+',
    '(?=x)',
  ],
  ...[
    'true',
    'false',
    'on',
    'off',
    '0',
    '1',
    '-1',
    '99999999999',
    '8k',
    '1m',
    '60',
    'any',
    'basic',
    'GET',
    '*',
    'https://a.org',
    'http://x/y?z=1',
    '10.0.0.0/8',
    '::/0',
    '1.2.3.4/33',
  ],
  ...['victim.example', '*.example', '_', 'default/app', 'X-Name', 'victim', 'proxy_pass http://x', 'ü', '😀', 'a'.repeat(300)],
];

/** Of nginx, as headers may hold them. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: nginx writes its variables so.
const variables = ['$host', '${host}', '$cookie_a', '$arg_b', '$http_x_two', '$args', '$uri', '$nothing', '$', '$cookie_'];

function fuzzedAnnotations(random: Random): Annotations {
  return fuzzedTexts(random, names);
}

function fuzzedTexts(random: Random, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => [random.pick(keys), fuzzedText(random, parts)]));
}

function fuzzedText(random: Random, from: readonly string[]): string {
  return Array.from({ length: 1 + Math.floor(random.next() * random.pick([1, 2, 6])) }, () => random.pick(from)).join('');
}
