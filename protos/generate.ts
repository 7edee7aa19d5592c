/**
 * Makes src/proto/gen/ from xds.proto: one JSON bundle for reflection, a small one with the services, and the TypeScript types.
 * Runs from `npm run gen` and from `prepare`; its output is not committed. Why this way: docs/decisions/0002-protobuf.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const api = join(root, 'node_modules/@grpc/grpc-js-xds/deps');
const out = join(root, 'src/proto/gen');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** Where imports are looked up: ours first, so that a file of additions/ may stand beside those of the shipped API. */
const includes = ['protos/additions', ...['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((d) => join(api, d))];

/** Services that Sluice speaks; the gRPC library gets only these, because it parses its bundle a second time. */
const services = [
  'envoy.service.discovery.v3.AggregatedDiscoveryService',
  'envoy.service.cluster.v3.ClusterDiscoveryService',
  'envoy.service.endpoint.v3.EndpointDiscoveryService',
  'envoy.service.listener.v3.ListenerDiscoveryService',
  'envoy.service.route.v3.RouteDiscoveryService',
  'envoy.service.secret.v3.SecretDiscoveryService',
  'envoy.service.status.v3.ClientStatusDiscoveryService',
  'envoy.service.load_stats.v3.LoadReportingService',
  'opentelemetry.proto.collector.logs.v1.LogsService',
  'opentelemetry.proto.collector.metrics.v1.MetricsService',
];

const work = mkdtempSync(join(tmpdir(), 'sluice-gen-'));
try {
  const bundle = JSON.parse(
    execFileSync(bin('pbjs'), ['-t', 'json', '--keep-case', ...includes.flatMap((d) => ['-p', d]), 'protos/xds.proto'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    }),
  ) as protobuf.INamespace;

  const merged = protobuf.Root.fromJSON(bundle);
  addEnums(merged);
  addFields(merged);
  addLostRules(merged);
  const json = JSON.stringify(merged.toJSON());

  const types = join(work, 'types');
  const input = join(work, 'bundle.json');
  writeFileSync(input, json);
  mkdirSync(types);
  execFileSync(
    bin('proto-loader-gen-types'),
    ['--keepCase', '--longs=String', '--enums=String', '--oneofs', '--grpcLib=@grpc/grpc-js', '--importFileExtension=.ts', '-O', types, input],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  // The generator names the file with the tree of all messages after its input.
  renameSync(join(types, 'bundle.json'), join(types, 'tree.ts'));
  writeFileSync(join(types, 'bundle.json'), json);
  writeFileSync(join(types, 'services.json'), JSON.stringify(servicesOf(protobuf.Root.fromJSON(JSON.parse(json)))));
  replaceFolder(out, types);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * Gives `to` the files of `from`, each at once and only where it differs: npm makes them again whenever it links this folder
 * (`npx sluice`), and processes that run may read them at that moment.
 */
function replaceFolder(to: string, from: string): void {
  const made = filesOf(from);
  for (const file of made) {
    const target = join(to, file);
    const content = readFileSync(join(from, file));
    if (existsSync(target) && readFileSync(target).equals(content)) continue;
    mkdirSync(dirname(target), { recursive: true });
    const next = `${target}.${process.pid}`;
    writeFileSync(next, content);
    renameSync(next, target);
  }
  for (const file of filesOf(to)) if (!made.has(file)) rmSync(join(to, file), { force: true });
}

/** The files under a folder, at any depth, by their paths in it. */
function filesOf(folder: string): ReadonlySet<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Set(entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))));
}

/** Merges additions/enums.json: enums nested in existing messages. */
function addEnums(tree: protobuf.Root): void {
  const additions = JSON.parse(readFileSync(join(root, 'protos/additions/enums.json'), 'utf8')) as Record<string, Record<string, number>>;
  for (const [path, values] of Object.entries(additions)) {
    const dot = path.lastIndexOf('.');
    tree.lookupType(path.slice(0, dot)).add(new protobuf.Enum(path.slice(dot + 1), values));
  }
}

/**
 * Merges additions/fields.json: fields of existing messages that are newer than the shipped API, and messages nested in them. A field
 * that is there already takes its place without the rules that the shipped API had for it.
 */
function addFields(tree: protobuf.Root): void {
  const additions = JSON.parse(readFileSync(join(root, 'protos/additions/fields.json'), 'utf8')) as Record<
    string,
    Record<string, { type: string; id: number; rule?: string; oneof?: string }>
  >;
  for (const [message, fields] of Object.entries(additions)) {
    const type = (tree.lookup(message, protobuf.Type) as protobuf.Type | null) ?? nestedType(tree, message);
    for (const [name, { type: fieldType, id, rule, oneof }] of Object.entries(fields)) {
      const shipped = type.fields[name];
      if (shipped) type.remove(shipped);
      const field = new protobuf.Field(name, id, fieldType, rule);
      type.add(field);
      if (oneof !== undefined) type.oneofs[oneof]?.add(field);
    }
  }
}

/**
 * Restores field rules that the bundle's flat options lose: of a list (`in: "http" in: "https"`) they keep the last value only, and
 * an empty message (`gt {}`: above 0) not at all.
 */
function addLostRules(tree: protobuf.Root): void {
  const parsed = new protobuf.Root();
  parsed.resolvePath = (_from, target) =>
    [root, ...[...includes, 'node_modules/protobufjs'].map((folder) => resolve(root, folder))]
      .map((folder) => join(folder, target))
      .find((file) => existsSync(file)) ?? null;
  parsed.loadSync('protos/xds.proto', { keepCase: true });
  const visit = (space: protobuf.NamespaceBase): void => {
    for (const object of space.nestedArray) {
      if (object instanceof protobuf.Type) {
        for (const field of object.fieldsArray) {
          const kept = (tree.lookup(object.fullName, protobuf.Type) as protobuf.Type | null)?.fields[field.name];
          for (const option of field.parsedOptions ?? []) {
            for (const [name, value] of lostIn('(validate.rules)', option['(validate.rules)'])) kept?.setOption(name, value);
          }
        }
      }
      if (object instanceof protobuf.Namespace) visit(object);
    }
  };
  visit(parsed);
}

/** Lists and empty messages at any depth of an option's value, with the flat name that the bundle has for them. */
function lostIn(name: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  if (Object.keys(value).length === 0) return [[name, value]];
  return Object.entries(value).flatMap(([key, child]) => lostIn(`${name}.${key}`, child));
}

/** A new, empty message inside an existing one: a file of additions/ cannot say that. */
function nestedType(tree: protobuf.Root, message: string): protobuf.Type {
  const dot = message.lastIndexOf('.');
  const type = new protobuf.Type(message.slice(dot + 1));
  (tree.lookup(message.slice(0, dot)) as protobuf.Namespace).add(type);
  return type;
}

/** The part of the tree that the services need, with resources left opaque (they travel as Any). */
function servicesOf(tree: protobuf.Root): protobuf.INamespace {
  const wanted = new Set<string>();
  const visit = (object: protobuf.ReflectionObject | null): void => {
    if (!object || wanted.has(object.fullName)) return;
    wanted.add(object.fullName);
    if (object instanceof protobuf.Service) {
      for (const method of object.methodsArray) {
        method.resolve();
        visit(method.resolvedRequestType);
        visit(method.resolvedResponseType);
      }
    }
    if (object instanceof protobuf.Type) {
      for (const field of object.fieldsArray) {
        field.resolve();
        visit(field.resolvedType);
      }
    }
  };
  for (const name of services) visit(tree.lookupService(name));
  const keep = (node: protobuf.INamespace, path: string): protobuf.INamespace | undefined => {
    const nested: Record<string, protobuf.AnyNestedObject> = {};
    for (const [name, child] of Object.entries(node.nested ?? {})) {
      const kept = keep(child as protobuf.INamespace, `${path}.${name}`);
      if (kept) nested[name] = kept as protobuf.AnyNestedObject;
    }
    if (!wanted.has(path) && Object.keys(nested).length === 0) return undefined;
    const { nested: _all, ...own } = node;
    return Object.keys(nested).length > 0 ? { ...own, nested } : own;
  };
  const kept = keep(tree.toJSON(), '');
  if (!kept) throw new Error('no service found in the bundle');
  return kept;
}
