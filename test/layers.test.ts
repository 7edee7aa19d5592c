import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

/**
 * What each folder or file of src/ may import besides itself. This is the architecture: read it from top to bottom as the way
 * from an object to an Envoy, and keep it true. `kind`, `diagnostic`, `resource`, `settings` and `work` are plain vocabulary.
 */
const layers: Record<string, readonly string[]> = {
  diagnostic: [],
  settings: [],
  clock: [],
  reason: [],
  version: [],
  work: [],
  turn: ['work'],
  // What was worked out before is not worked out again.
  memo: ['work'],
  'client-limits': [],
  address: [],
  'is-alive': [],
  'token-bucket': [],
  // What Envoys are told to time requests by, and what their reports are read by.
  'latency-bounds': [],
  regex: ['reason'],
  'trust-domain': [],
  'xds-cluster': [],
  // What the control plane tells the auth service through Envoys, which cannot read it.
  sealing: [],
  kind: [],
  proto: [],
  resource: ['proto', 'diagnostic'],
  // A resource of many parts.
  'route-table': ['memo', 'proto', 'diagnostic', 'resource'],
  // Compiled .proto files that users give; read with the messages that describe them.
  descriptor: ['reason', 'proto'],
  ir: ['diagnostic'],
  store: ['memo', 'kind', 'diagnostic'],
  // What is said of objects in the cluster.
  conditions: ['memo', 'work', 'nginx', 'translate', 'store', 'kind', 'diagnostic', 'settings'],
  // The way to an API server: what reads and what writes share it.
  kubernetes: ['reason', 'kind', 'clock'],
  // What is written to it, by one replica.
  writing: [
    'warm-up',
    'reason',
    'work',
    'turn',
    'token-bucket',
    'settings',
    'kubernetes',
    'conditions',
    'ads',
    'revision',
    'store',
    'kind',
    'diagnostic',
    'resource',
    'clock',
  ],
  source: ['reason', 'turn', 'kubernetes', 'store', 'kind', 'diagnostic', 'clock'],
  // ingress-nginx: its annotations, settings and flags as declarations, and how it reads them.
  nginx: ['memo', 'kind', 'diagnostic', 'store', 'settings'],
  translate: ['memo', 'address', 'sealing', 'nginx', 'descriptor', 'work', 'ir', 'store', 'kind', 'diagnostic', 'settings', 'regex'],
  // What the move from ingress-nginx changes.
  migrate: ['kind', 'nginx', 'translate', 'store', 'diagnostic', 'settings'],
  xds: ['xds-cluster', 'memo', 'route-table', 'work', 'ir', 'proto', 'diagnostic', 'resource', 'settings'],
  row: ['ir', 'proto', 'diagnostic', 'resource'],
  revision: [
    'xds-cluster',
    'memo',
    'latency-bounds',
    'route-table',
    'work',
    'row',
    'warm-up',
    'address',
    'ir',
    'proto',
    'diagnostic',
    'resource',
    'settings',
    'regex',
  ],
  state: ['reason', 'memo', 'turn', 'is-alive', 'revision', 'warm-up', 'ir', 'diagnostic', 'resource', 'clock'],
  'warm-up': ['row', 'ir', 'diagnostic', 'resource'],
  build: ['memo', 'work', 'translate', 'xds', 'ir', 'store', 'revision', 'diagnostic', 'resource', 'settings'],
  explain: ['row', 'address', 'proto', 'diagnostic', 'resource', 'settings', 'ir'],
  tls: ['reason', 'kind', 'diagnostic', 'clock'],
  ejection: ['proto', 'resource'],
  load: ['memo', 'latency-bounds', 'route-table', 'row', 'ir', 'proto', 'revision', 'resource', 'clock'],
  ads: [
    'reason',
    'memo',
    'route-table',
    'token-bucket',
    'latency-bounds',
    'load',
    'address',
    'regex',
    'client-limits',
    'trust-domain',
    'tls',
    'revision',
    'proto',
    'diagnostic',
    'resource',
    'clock',
  ],
  engine: [
    'memo',
    'proto',
    'work',
    'turn',
    'warm-up',
    'build',
    'kind',
    'ir',
    'translate',
    'xds',
    'source',
    'store',
    'revision',
    'diagnostic',
    'resource',
    'settings',
    'clock',
  ],
  status: ['explain', 'ir', 'memo', 'address', 'row', 'ejection', 'load', 'ads', 'engine', 'revision', 'diagnostic', 'resource', 'clock'],
  // Keys in Secrets.
  launch: ['xds-cluster', 'reason', 'kubernetes', 'clock', 'authz', 'version', 'latency-bounds', 'is-alive', 'address', 'trust-domain', 'tls', 'proto'],
  // Envoys that Gateways have for themselves: pure, but for provisioner.ts and what it reads and writes by.
  provision: ['reason', 'kubernetes', 'writing', 'launch', 'tls', 'translate', 'ir', 'store', 'diagnostic', 'settings', 'clock'],
  admin: [
    'turn',
    'load',
    'row',
    'warm-up',
    'version',
    'address',
    'revision',
    'status',
    'ir',
    'engine',
    'ads',
    'explain',
    'store',
    'kind',
    'proto',
    'diagnostic',
    'resource',
    'settings',
    'clock',
  ],
  // The auth service: a process beside Envoys, apart from the control plane.
  authz: ['memo', 'address', 'sealing'],
  // The shutdown manager lets callers in by the rules of the admin API.
  drain: ['address', 'ejection', 'admin', 'launch', 'clock'],
  server: [
    'warm-up',
    'reason',
    'kubernetes',
    'provision',
    'trust-domain',
    'writing',
    'sealing',
    'ejection',
    'load',
    'client-limits',
    'state',
    'tls',
    'revision',
    'admin',
    'config',
    'ads',
    'engine',
    'source',
    'status',
    'store',
    'kind',
    'diagnostic',
    'settings',
    'clock',
  ],
  cli: [
    'reason',
    'work',
    'provision',
    'authz',
    'ir',
    'load',
    'row',
    'version',
    'address',
    'trust-domain',
    'server',
    'config',
    'clock',
    'ads',
    'status',
    'engine',
    'revision',
    'translate',
    'admin',
    'launch',
    'migrate',
    'drain',
    'explain',
    'build',
    'source',
    'store',
    'kind',
    'proto',
    'diagnostic',
    'resource',
    'settings',
    'xds',
  ],
  // What a command line and the environment say, the flags of ingress-nginx among it.
  config: ['client-limits', 'nginx', 'address', 'trust-domain', 'kind', 'diagnostic', 'settings'],
  main: ['cli', 'clock'],
};

const src = join(import.meta.dirname, '..', 'src');
const layerOf = (file: string): string => (relative(src, file).split('/')[0] ?? '').replace(/\.ts$/, '');

for (const file of globSync(join(src, '**/*.ts'), { exclude: (name) => name === 'gen' })) {
  if (file.endsWith('.test.ts')) continue;
  test(`layers: ${relative(src, file)}`, () => {
    const own = layerOf(file);
    const allowed = layers[own];
    assert.ok(allowed, `${own} has no line in the table of layers`);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s[^;]*?from '(\.[^']+)'/gm)) {
      const target = layerOf(join(dirname(file), specifier ?? ''));
      assert.ok(target === own || allowed.includes(target), `${own} must not import ${target} (${specifier})`);
    }
  });
}

/** A command loads what reads folders, or serves, when it does: half a second that all others would wait for. */
test('layers: the command line starts without what only some commands need', () => {
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+\.ts)'/gm))
      load(join(dirname(file), specifier));
  };
  load(join(src, 'main.ts'));
  const layersLoaded = new Set([...loaded].map(layerOf));
  assert.deepEqual(
    ['engine', 'migrate', 'server', 'source', 'store', 'translate', 'xds'].filter((layer) => layersLoaded.has(layer)),
    [],
  );
});

test('layers: the page on architecture tells what each folder is for', () => {
  const page = readFileSync(join(src, '..', 'docs/architecture.md'), 'utf8');
  const folders = readdirSync(src, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  assert.deepEqual(
    folders.filter((name) => !page.includes(`**${name}/**`)),
    [],
  );
});
