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
import { defaultSettings } from '../../src/settings.ts';
import { fakeView, objectsOf } from '../fake/objects.ts';
import type { Random } from '../fake/random.ts';
import { staticBootstrap } from '../static-bootstrap.ts';
import { seeded } from './seed.ts';

type Annotations = Readonly<Record<string, string>>;

const builds = 120;
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

test('no annotation changes what others are given, or is refused by Envoy', async () => {
  const random = seeded('fuzz of annotations');
  const attackers: string[] = [];
  for (let count = 0; count < builds; count++) {
    const attacker = ingress(`attacker${count}`, fuzzedAnnotations(random), random.pick(['/', '/a', '/$1', '/(.*)', '/a%b']));
    assertHarmless(attacker, random.chance(0.5) ? lenient : '');
    attackers.push(attacker);
  }
  await assertAccepted(built(...attackers, lenient));
});

test('a number that is too large for Envoy stops nothing, and is the largest that it takes', async () => {
  const large = ['4294967296', '99999999999', '99999999999s', '99999999999m', '18446744073709551616'];
  const attackers = large.flatMap((value, index) =>
    [...new Set(names)].map((name, position) => ingress(`attacker${index}-${position}`, { [name]: value, affinity: 'cookie' }, '/')),
  );
  for (const attacker of attackers) assertHarmless(attacker, '');
  await assertAccepted(built(...attackers));
  for (const value of large) {
    const data = Object.fromEntries(Object.keys(settings).map((key) => [key, value]));
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }, data };
    await assertAccepted(built(JSON.stringify({ ...configMap, data: { ...data, 'use-gzip': 'true', 'enable-brotli': 'true' } })));
  }
});

/** The victim is given the same with and without the attacker, and nothing needed to be held back from Envoy. */
function assertHarmless(attacker: string, settings: string): void {
  const alone = built(settings);
  const together = built(attacker, settings);
  assert.deepEqual(ofVictim(together), ofVictim(alone), attacker);
  assert.deepEqual(
    together.diagnostics.filter(({ code }) => code === 'ResourceInvalid').map(({ message }) => message),
    [],
    attacker,
  );
}

function built(...more: readonly string[]): Build {
  return build(fakeView(objectsOf([victim, ...more].join('\n---\n'))), defaultSettings);
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

function fuzzedAnnotations(random: Random): Annotations {
  const made: Record<string, string> = {};
  for (let count = 0; count < 1 + Math.floor(random.next() * 4); count++) {
    made[random.pick(names)] = Array.from({ length: 1 + Math.floor(random.next() * random.pick([1, 2, 6])) }, () => random.pick(parts)).join('');
  }
  return made;
}
