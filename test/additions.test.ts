import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import protobuf from 'protobufjs';

/** The package whose descriptors are the reference for what protos/additions/ adds to the shipped API. */
const reference = { name: 'xds-protos', version: '1.85.0', protobuf: '7.35.1' };
/** Newer than the package; a real Envoy proves them in e2e/edge.test.ts, e2e/hidden-clients.test.ts, e2e/ingress-answers.test.ts, e2e/ingress-tracing.test.ts and nginx/cases.test.ts. */
const newer = [
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
  ...['CommonDirectionConfig', 'ResponseDirectionConfig'].map((name) => `envoy.extensions.filters.http.compressor.v3.Compressor.${name}`),
  ...['ForwardProtoConfig', 'HttpConnectionManager', 'HttpConnectionManager.Tracing'].map(
    (name) => `envoy.extensions.filters.network.http_connection_manager.v3.${name}`,
  ),
];
const root = join(import.meta.dirname, '..');
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', `${reference.name}-${reference.version}`);

/** For full names of messages and enums prints `{ message: { field: [number, type, repeated] } }` and `{ enum: { value: number } }`. */
const describeInPython = `
import glob, importlib, json, os, sys
from google.protobuf import descriptor_pool
pool, out = descriptor_pool.Default(), {}
for name in json.load(sys.stdin):
    folder = '/'.join(part for part in name.split('.') if part[0].islower())
    for file in sorted(glob.glob(os.path.join(sys.argv[1], folder, '*_pb2.py'))):
        importlib.import_module(os.path.relpath(file, sys.argv[1])[:-3].replace('/', '.'))
    try:
        fields = pool.FindMessageTypeByName(name).fields
        out[name] = {f.name: [f.number, (f.message_type or f.enum_type).full_name if (f.message_type or f.enum_type) else f.type, f.is_repeated] for f in fields}
    except KeyError:
        out[name] = {v.name: v.number for v in pool.FindEnumTypeByName(name).values}
print(json.dumps(out))
`;

/** Numbers of the scalar types in descriptors. @see https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto */
const scalars: Record<string, number> = { double: 1, float: 2, int64: 3, uint64: 4, int32: 5, bool: 8, string: 9, bytes: 12, uint32: 13 };

function fetchReference(): void {
  if (existsSync(cache)) return;
  mkdirSync(dirname(cache), { recursive: true });
  const work = mkdtempSync(`${cache}.`);
  try {
    const packages = [`${reference.name}==${reference.version}`, `protobuf==${reference.protobuf}`];
    execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', work, ...packages], {
      stdio: 'inherit',
    });
    renameSync(work, cache);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    if (!existsSync(cache)) throw error; // Two test runs at once: the other one was first.
  }
}

describe('protos/additions', () => {
  const types: protobuf.Type[] = [];
  const enums: protobuf.Enum[] = [];
  const fields: protobuf.Field[] = [];
  let official: Record<string, Record<string, number | [number, number | string, boolean]>> = {};

  before(() => {
    fetchReference();
    const bundle = protobuf.Root.fromJSON(JSON.parse(readFileSync(join(root, 'src/proto/gen/bundle.json'), 'utf8')));
    bundle.resolveAll();
    // The package has OpenTelemetry's of long ago, with other names; those of ours a real Envoy proves in e2e/hidden-clients.test.ts and e2e/latency.test.ts.
    for (const file of globSync('{cel,envoy,xds}/**/*.proto', { cwd: join(root, 'protos/additions') })) {
      const text = readFileSync(join(root, 'protos/additions', file), 'utf8');
      const space = /^package ([\w.]+);/m.exec(text)?.[1];
      assert.ok(space, `${file} has no package`);
      for (const [, kind, name] of text.matchAll(/^(message|enum) (\w+)/gm)) {
        if (kind === 'enum') enums.push(bundle.lookupEnum(`${space}.${name}`));
        else types.push(bundle.lookupType(`${space}.${name}`));
      }
    }
    const additions = JSON.parse(readFileSync(join(root, 'protos/additions/fields.json'), 'utf8')) as Record<string, object>;
    for (const [message, added] of Object.entries(additions).filter(([name]) => !newer.includes(name))) {
      const type = bundle.lookupType(message);
      fields.push(...Object.keys(added).map((name) => type.fields[name] as protobuf.Field));
    }
    const addedEnums = JSON.parse(readFileSync(join(root, 'protos/additions/enums.json'), 'utf8')) as Record<string, object>;
    enums.push(...Object.keys(addedEnums).map((name) => bundle.lookupEnum(name)));
    const names = [...types, ...enums].map((object) => object.fullName.slice(1));
    official = JSON.parse(
      execFileSync('python3', ['-c', describeInPython, cache], {
        input: JSON.stringify([...names, ...Object.keys(additions).filter((name) => !newer.includes(name))]),
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: cache },
      }),
    ) as typeof official;
  });

  const check = (field: protobuf.Field): void => {
    const name = field.parent?.fullName.slice(1) ?? '';
    const type = field.resolvedType ? field.resolvedType.fullName.slice(1) : scalars[field.type];
    assert.deepEqual([field.id, type, field.repeated], official[name]?.[field.name], `${name}.${field.name}`);
  };

  test('messages have the official fields', () => {
    assert.ok(types.length > 0);
    for (const field of types.flatMap((type) => type.fieldsArray)) check(field);
  });

  test('fields of existing messages are the official ones', () => {
    assert.ok(fields.length > 0);
    for (const field of fields) check(field);
  });

  test('enums have the official values', () => {
    assert.ok(enums.length > 0);
    for (const type of enums) assert.deepEqual({ ...type.values }, official[type.fullName.slice(1)]);
  });
});
