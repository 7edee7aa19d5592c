import protobuf from 'protobufjs';
import { reasonOf } from '../reason.ts';
import 'protobufjs/ext/descriptor.js';
import { typeOf } from '../proto/codec.ts';
import { wireField, wireFields } from '../proto/wire-fields.ts';
import { type PathTemplate, pathTemplate } from './path-template.ts';

/** An HTTP request that a method is called by. */
export interface HttpBinding {
  /** Upper case as in HTTP; undefined: any. */
  readonly method?: string;
  readonly path: PathTemplate;
}

/** A method of gRPC with its HTTP requests; empty where it has none. */
export interface DescribedMethod {
  /** `shop.v1.Shop`. */
  readonly service: string;
  readonly method: string;
  readonly bindings: readonly HttpBinding[];
}

/** What a compiled set of `.proto` files says. */
export interface DescriptorSet {
  /** A `google.protobuf.FileDescriptorSet` without comments and places in source files. */
  readonly bytes: Uint8Array;
  readonly methods: readonly DescribedMethod[];
}

/** Largest set that is read, in bytes: it is part of the routes, which Envoy reads anew with every change of them. */
export const largestDescriptorSet = 512 * 1024;

/** Most methods with all their HTTP requests. */
const mostBindings = 1000;

/** Fields of descriptor.proto. */
const [fileField, sourceInfoField] = [1, 9];

/**
 * Reads what `protoc --include_imports --descriptor_set_out` and `buf build` write, and refuses what Envoy's transcoder would
 * refuse: bytes that are none, imports and types that are missing, paths and fields that do not fit.
 * @returns a problem as the end of a sentence: `has no file google/api/annotations.proto`.
 */
export function readDescriptorSet(given: Uint8Array): DescriptorSet | { readonly problem: string } {
  if (given.length > largestDescriptorSet) return { problem: `has ${given.length} bytes, above the limit of ${largestDescriptorSet}` };
  try {
    const bytes = withoutSourceInfo(given);
    const type = typeOf('google.protobuf.FileDescriptorSet');
    const { file: files = [] } = type.toObject(type.decode(bytes), { enums: String, json: true }) as FileSet;
    if (files.length === 0) return { problem: 'holds no file' };
    const missing = missingImport(files);
    if (missing !== undefined) return { problem: missing };
    const root = (protobuf.Root as unknown as DescriptorReader).fromDescriptor(bytes);
    root.resolveAll();
    const methods = files.flatMap((file) => (file.service ?? []).flatMap((service) => methodsOf(root, nameIn(file, service.name), service)));
    return problemOf(methods) ?? { bytes, methods };
  } catch (error) {
    // The libraries know no other way to say that bytes are not what they should be.
    return { problem: `cannot be read as compiled .proto files (${reasonOf(error)})` };
  }
}

interface DescriptorReader {
  fromDescriptor(bytes: Uint8Array): protobuf.Root;
}

interface FileSet {
  readonly file?: readonly DescribedFile[];
}

interface DescribedFile {
  readonly name?: string;
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly service?: readonly DescribedService[];
}

interface DescribedService {
  readonly name?: string;
  readonly method?: readonly { readonly name?: string; readonly input_type?: string; readonly output_type?: string; readonly options?: Options }[];
}

type Options = Readonly<Record<string, unknown>>;

interface HttpRule {
  readonly get?: string;
  readonly put?: string;
  readonly post?: string;
  readonly delete?: string;
  readonly patch?: string;
  readonly custom?: { readonly kind?: string; readonly path?: string };
  readonly body?: string;
  readonly response_body?: string;
  readonly additional_bindings?: readonly HttpRule[];
}

/** @throws {Error} where the bytes are no message. */
function withoutSourceInfo(set: Uint8Array): Uint8Array {
  const files = wireFields(set).map(({ number, whole, value }) => {
    if (number !== fileField) return whole;
    return wireField(
      fileField,
      Buffer.concat(
        wireFields(value)
          .filter((field) => field.number !== sourceInfoField)
          .map((field) => field.whole),
      ),
    );
  });
  return Buffer.concat(files);
}

/** Envoy reads files in their order, each after what it imports. */
function missingImport(files: readonly DescribedFile[]): string | undefined {
  const known = new Set<string>();
  for (const { name = '', dependency = [] } of files) {
    const missing = dependency.find((one) => !known.has(one));
    if (missing !== undefined) return `has no file ${missing} before ${name}, which imports it`;
    if (known.has(name)) return `has the file ${name} twice`;
    known.add(name);
  }
  return undefined;
}

function nameIn(file: DescribedFile, name = ''): string {
  return file.package ? `${file.package}.${name}` : name;
}

/** @throws {Error} where a rule of a method does not fit its messages. */
function methodsOf(root: protobuf.Root, service: string, { method: methods = [] }: DescribedService): DescribedMethod[] {
  return methods.map(({ name = '', input_type = '', output_type = '', options = {} }) => {
    const [request, response] = [root.lookupType(input_type), root.lookupType(output_type)];
    const rule = options['.google.api.http'] as HttpRule | undefined;
    const rules = rule ? [rule, ...(rule.additional_bindings ?? [])] : [];
    return { service, method: name, bindings: rules.map((one) => bindingOf(one, `${service}/${name}`, request, response)) };
  });
}

function bindingOf(rule: HttpRule, owner: string, request: protobuf.Type, response: protobuf.Type): HttpBinding {
  const { get, put, post, patch, custom } = rule;
  const written = { GET: get, PUT: put, POST: post, DELETE: rule.delete, PATCH: patch, [custom?.kind ?? '']: custom?.path };
  const [method, text = ''] = Object.entries(written).find(([, one]) => one) ?? ['', ''];
  const path = pathTemplate(text);
  if (!path || !/^([A-Z]+|\*)$/.test(method)) throw new Error(`${owner} has the HTTP rule ${method} ${text}, which is none`);
  for (const field of path.variables) {
    const found = fieldAt(request, field);
    if (!found || found.repeated || found.map || found.resolvedType instanceof protobuf.Type)
      throw new Error(`${owner} puts a part of its path into ${field}, which is no plain field of ${request.name}`);
  }
  if (rule.body && rule.body !== '*' && !fieldAt(request, rule.body))
    throw new Error(`${owner} has the body ${rule.body}, which is no field of ${request.name}`);
  if (rule.response_body && !fieldAt(response, rule.response_body))
    throw new Error(`${owner} has the response body ${rule.response_body}, which is no field of ${response.name}`);
  return method === '*' ? { path } : { method, path };
}

/** Field names of a set are read in camelCase. */
function fieldAt(type: protobuf.Type, path: string): protobuf.Field | undefined {
  const [step = '', ...rest] = path.split('.');
  const field = type.fields[step] ?? type.fields[protobuf.util.camelCase(step)];
  if (!field || rest.length === 0) return field;
  return field.resolvedType instanceof protobuf.Type ? fieldAt(field.resolvedType, rest.join('.')) : undefined;
}

function problemOf(methods: readonly DescribedMethod[]): { readonly problem: string } | undefined {
  const requests = methods.flatMap(({ service, method, bindings }) =>
    bindings.map((one) => ({ owner: `${service}/${method}`, key: `${one.method} ${one.path.regex}` })),
  );
  if (requests.length > mostBindings) return { problem: `has ${requests.length} HTTP rules, above the limit of ${mostBindings}` };
  const owners = new Map<string, string>();
  for (const { owner, key } of requests) {
    const other = owners.get(key);
    if (other !== undefined) return { problem: `gives the same HTTP request to ${other} and to ${owner}` };
    owners.set(key, owner);
  }
  return undefined;
}
