import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultSettings } from '../../settings.ts';
import { readFolder } from '../../source/folder.ts';
import { storeViewOf } from '../../store/store.ts';
import { sceneOf } from '../scene.ts';
import { logProbes } from './access-log.ts';
import { derivedProbes, strangeHost, verifiedServers } from './derived.ts';
import { isSafe, type Probe, sampled } from './probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
after(() => rmSync(folder, { recursive: true }));

function ingress(name: string, host: string | undefined, path: string, annotations: Readonly<Record<string, string>> = {}, service = 'a'): unknown {
  const written = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]));
  const backend = { service: { name: service, port: { number: 80 } } };
  const rules = [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }];
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, annotations: written }, spec: { rules } };
}

function sceneWith(...objects: readonly unknown[]) {
  const file = join(folder, 'objects.yaml');
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return sceneOf(storeViewOf(readFolder([file]).objects).view, defaultSettings, []);
}

const derived = (...objects: readonly unknown[]): readonly Probe[] => derivedProbes(sceneWith(...objects));
const pathsFor = (probes: readonly Probe[], host: string): readonly string[] =>
  probes.filter((one) => one.host === host && one.method === 'GET').map(({ path }) => path);

test('a path is asked for with what lies beside it', () => {
  assert.deepEqual(pathsFor(derived(ingress('i', 'a.example', '/foo')), 'a.example'), [
    '/foo',
    '/foo?sluice=verify&a=%20b',
    '/foo/',
    '/foo/below/it?a=1',
    '/foo//below',
    '/fooly',
    '/FOO',
    '/no-ingress-has-this',
  ]);
});

test('an expression is asked for by paths that it fits', () => {
  const paths = pathsFor(derived(ingress('i', 'a.example', '/v(1|2)/.*', { 'use-regex': 'true' })), 'a.example');
  assert.ok(paths.includes('/v1/x') && paths.includes('/v2/x'), paths.join(' '));
});

test('host names that stand for many, and none, are asked by one of them', () => {
  const probes = derived(ingress('i', '*.a.example', '/'), ingress('j', undefined, '/'));
  for (const host of ['verify.a.example', strangeHost]) assert.ok(probes.some((one) => one.host === host));
});

test('what decides for a canary is sent, and backends that weights choose are not compared', () => {
  const probes = derived(
    ingress('main', 'a.example', '/'),
    ingress('canary', 'a.example', '/', { canary: 'true', 'canary-weight': '10', 'canary-by-header': 'X-C' }, 'b'),
  );
  const withHeader = (value: string) => probes.find(({ headers }) => headers['X-C'] === value);
  assert.equal(withHeader('always')?.isSplit, false);
  assert.equal(withHeader('never')?.isSplit, false);
  assert.equal(withHeader('neither')?.isSplit, true);
  assert.equal(probes.find(({ path }) => path === '/')?.isSplit, true);
});

test('what an Ingress says by annotations is asked for', () => {
  const annotations = {
    'from-to-www-redirect': 'true',
    'server-alias': 'b.example',
    'app-root': '/home',
    'enable-cors': 'true',
    'denylist-source-range': '10.1.0.0/16',
  };
  const probes = derived(ingress('i', 'a.example', '/x', annotations));
  assert.deepEqual(pathsFor(probes, 'www.a.example'), ['/x']);
  assert.deepEqual(pathsFor(probes, 'b.example'), ['/x']);
  assert.ok(pathsFor(probes, 'a.example').includes('/'));
  assert.ok(probes.some(({ method, headers }) => method === 'OPTIONS' && headers['origin'] === 'https://verify.example'));
  assert.ok(probes.some(({ headers }) => headers['X-Forwarded-For'] === '10.1.0.0'));
});

test('an Ingress that is dropped is asked for as well', () => {
  const probes = derived(ingress('i', 'a.example', '/x', { 'server-snippet': 'return 200;' }));
  assert.deepEqual(pathsFor(probes, 'a.example'), ['/x']);
});

test('only what changes nothing is safe, and a sample is spread', () => {
  const probes = derived(ingress('i', 'a.example', '/foo'));
  assert.deepEqual(
    probes.filter((one) => !isSafe(one)).map(({ method }) => method),
    ['POST'],
  );
  assert.deepEqual(sampled(probes, 2), [probes[0], probes[Math.floor(probes.length / 2)]]);
});

test('logs are read in every form', () => {
  const scene = sceneWith(ingress('i', 'a.example', '/foo'), ingress('j', 'b.example', '/bar'));
  const nginx = (request: string, upstream: string): string =>
    `10.0.0.9 - - [26/Nov/2026:10:00:00 +0000] "${request}" 200 5 "-" "agent" 80 0.001 [${upstream}] [] 10.0.0.1:80 5 0.001 200 ab`;
  const lines = [
    nginx('GET /bar/1 HTTP/1.1', 'default-a-80'),
    nginx('GET /bar/1 HTTP/2.0', 'default-a-80'),
    nginx('GET /else HTTP/1.1', ''),
    '[2026-11-26T10:00:00.000Z] "GET /envoy HTTP/1.1" 200 - 0 5 1 1 "10.0.0.9" "agent" "id" "c.example:8080" "10.0.0.1:80"',
    '{"request_method":"PUT","request_uri":"/json","host":"d.example","http_user_agent":"agent"}',
    '{"request":"GET /short HTTP/1.1","vhost":"d.example"}',
    'time=2026-11-26T10:00:00.000Z client=10.0.0.9 method=GET scheme=http host=e.example path="/own" status=200 user_agent="agent"',
    'no request at all',
    '{"cut',
    '',
  ];
  const { probes, unread, homeless } = logProbes(lines, verifiedServers(scene), undefined);
  assert.deepEqual(
    probes.map(({ method, host, path, headers }) => [method, host, path, headers['user-agent']]),
    [
      ['GET', 'b.example', '/bar/1', 'agent'],
      ['GET', 'c.example', '/envoy', 'agent'],
      ['PUT', 'd.example', '/json', 'agent'],
      ['GET', 'd.example', '/short', undefined],
      ['GET', 'e.example', '/own', 'agent'],
    ],
  );
  assert.equal(probes[0]?.ingress?.name, 'j');
  assert.deepEqual({ unread, homeless }, { unread: 2, homeless: 1 });
});
