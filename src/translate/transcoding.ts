import { type DescribedMethod, type DescriptorSet, type HttpBinding, readDescriptorSet } from '../descriptor/descriptor-set.ts';
import { diagnostic } from '../diagnostic.ts';
import type { PathMatch, Route, RouteMatch, Transcoder } from '../ir/route.ts';
import { createSlot } from '../memo/slot.ts';
import { WeakTable } from '../memo/weak-table.ts';
import { fullMatch } from '../regex.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import type { RouteObject } from './backend-reference.ts';
import type { RouteContext } from './route-context.ts';

/** What a rule offers by HTTP and JSON besides gRPC. */
export interface Transcoding {
  readonly transcoder: Transcoder;
  readonly methods: readonly DescribedMethod[];
}

type ConfigMap = Stored<'ConfigMap'>;

/** What was read of a key of a ConfigMap: an object that is the same says the same. */
const known = new WeakTable<ConfigMap, string, DescriptorSet | { readonly problem: string }>();

/** What was made of an object and its set. */
const made = createSlot<Stored<'GrpcJsonTranscoder'>, { readonly set: DescriptorSet; readonly transcoding: Transcoding }>();

/**
 * What the filter `extensionRef` of a rule names. Undefined: it cannot be used, gRPC calls go on without it.
 * Gives `TranscoderNotFound`, `DescriptorSetBroken`.
 */
export function referredTranscoding(owner: RouteObject, name: string, path: FieldPath, { view, report }: RouteContext): Transcoding | undefined {
  const object = view.get('GrpcJsonTranscoder', owner.namespace, name);
  const consequence = 'so the rule takes gRPC calls alone';
  if (!object) {
    const message = `There is no GrpcJsonTranscoder ${owner.namespace}/${name}, ${consequence}.`;
    report(diagnostic('TranscoderNotFound', owner.origin(path), message, 'Name one of the same namespace.'));
    return undefined;
  }
  const { configMapRef } = object.object.spec.descriptorSet;
  const at = (): ReturnType<typeof object.origin> => object.origin(['spec', 'descriptorSet', 'configMapRef']);
  const configMap = view.get('ConfigMap', object.namespace, configMapRef.name);
  const keys = Object.keys(configMap?.object.binaryData ?? {});
  const key = configMapRef.key ?? (keys.length === 1 ? keys[0] : undefined);
  if (!configMap || key === undefined || !keys.includes(key)) {
    const remedy = keys.length === 0 ? 'Make it by `kubectl create configmap NAME --from-file=FILE`.' : `Its keys are ${keys.join(', ')}.`;
    report(diagnostic('DescriptorSetBroken', at(), `${missingKey(object, keys, configMap)}, ${consequence}.`, remedy));
    return undefined;
  }
  const set = setOf(configMap, key);
  if ('problem' in set) {
    const message = `The descriptor set in ConfigMap ${configMap.namespace}/${configMap.name} ${set.problem}, ${consequence}.`;
    report(
      diagnostic('DescriptorSetBroken', configMap.origin(['binaryData', key]), message, 'Make it anew: `protoc --include_imports --descriptor_set_out=FILE`.'),
    );
    return undefined;
  }
  const before = made.get(object);
  if (before?.set === set) return before.transcoding;
  const transcoding = { transcoder: transcoderOf(object, set), methods: set.methods };
  made.set(object, { set, transcoding });
  return transcoding;
}

/** Why a ConfigMap with these keys gives no descriptor set. Undefined: there is no such ConfigMap. */
function missingKey({ object, namespace }: Stored<'GrpcJsonTranscoder'>, keys: readonly string[], configMap: ConfigMap | undefined): string {
  const { name, key } = object.spec.descriptorSet.configMapRef;
  if (!configMap) return `There is no ConfigMap ${namespace}/${name}`;
  if (keys.length === 0) return `ConfigMap ${namespace}/${name} has nothing in \`binaryData\``;
  return key === undefined
    ? `ConfigMap ${namespace}/${name} has several keys in \`binaryData\`, and \`key\` names none`
    : `ConfigMap ${namespace}/${name} has no key ${key} in \`binaryData\``;
}

function setOf(configMap: ConfigMap, key: string): DescriptorSet | { readonly problem: string } {
  return known.getOrMake(configMap, key, () => readDescriptorSet(Buffer.from(configMap.object.binaryData?.[key] ?? '', 'base64')));
}

function transcoderOf({ object: { spec }, namespace, name, origin }: Stored<'GrpcJsonTranscoder'>, { bytes, methods }: DescriptorSet): Transcoder {
  return {
    name: `${namespace}/${name}`,
    descriptorSet: bytes,
    services: [...new Set(methods.filter(({ bindings }) => bindings.length > 0).map(({ service }) => service))].sort(),
    rejectsUnknownParameters: spec.unknownQueryParameters === 'Reject',
    convertsStatus: spec.convertGrpcStatus ?? true,
    printsDefaults: spec.print?.defaultValues ?? false,
    printsEnumsAsNumbers: spec.print?.enumsAsNumbers ?? false,
    printsProtoNames: spec.print?.protoFieldNames ?? false,
    origins: [origin()],
  };
}

/**
 * The HTTP requests of the methods that a gRPC match takes, with its conditions on headers. Users write paths once, in the
 * `.proto` file.
 */
export function transcodedMatches({ methods }: Transcoding, match: RouteMatch): readonly RouteMatch[] {
  const covered = methods.filter(({ service, method }) => fits(match.path, `/${service}/${method}`));
  return covered.flatMap(({ bindings }) => bindings).map((binding) => ({ path: pathOf(binding), ...methodOf(binding), headers: match.headers, query: [] }));
}

function methodOf({ method }: HttpBinding): Pick<RouteMatch, 'method'> {
  return method === undefined ? {} : { method };
}

function pathOf({ path: { exact, regex } }: HttpBinding): PathMatch {
  return exact === undefined ? { type: 'regex', value: regex } : { type: 'exact', value: exact };
}

function fits({ type, value }: PathMatch, path: string): boolean {
  if (type === 'exact') return value === path;
  if (type === 'prefix') return path.startsWith(value);
  const matches = type === 'regex' ? fullMatch(value) : undefined;
  return typeof matches === 'function' && matches(path);
}

/** Routes of one host name that are gRPC by HTTP and JSON must have one transcoder, since Envoy has one for a host. */
export function otherTranscoders(routes: readonly Route[]): ReadonlySet<Route> {
  const first = routes.find(({ transcoder }) => transcoder)?.transcoder;
  return new Set(routes.filter(({ transcoder }) => transcoder && transcoder !== first));
}
