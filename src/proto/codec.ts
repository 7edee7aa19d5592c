import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { literalEncoder } from './literal-encoder.ts';
import type { Message, MessageName } from './message.ts';

/** JSON value in the canonical protobuf form. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

// The Envoy API as reflection, read at first use: a command that only prints its help does not pay for it.
let untouched: protobuf.Root | undefined;
/** The types asked for so far: to find one by its dotted name costs more than to encode a small message. */
const typesByName = new Map<string, protobuf.Type>();
let printing: protobuf.Root | undefined;

function readBundle(): protobuf.Root {
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(new URL('./gen/bundle.json', import.meta.url), 'utf8')) as protobuf.INamespace);
  root.resolveAll();
  return root;
}

/** Type of a message by its dotted name. @throws {Error} for a name that the bundle does not hold. */
export function typeOf(name: string): protobuf.Type {
  const type = findType(name);
  if (!type) throw new Error(`the bundle has no message ${name}`);
  return type;
}

/** Type of a message by its dotted name; undefined for one that the bundle does not hold. */
function findType(name: string): protobuf.Type | undefined {
  const known = typesByName.get(name);
  if (known) return known;
  untouched ??= readBundle();
  // An Any may be empty; the empty name would be the root itself.
  const type = name === '' ? null : (untouched.lookup(name, protobuf.Type) as protobuf.Type | null);
  if (!type) return undefined;
  typesByName.set(name, type);
  return type;
}

/** The same types, but printed with the names that Envoy's documentation uses (`snake_case`). */
function printingTypeOf(name: string): protobuf.Type {
  if (!printing) {
    printing = readBundle();
    const visit = (space: protobuf.NamespaceBase): void => {
      for (const object of space.nestedArray) {
        if (object instanceof protobuf.Type) for (const field of object.fieldsArray) Object.assign(field, { jsonName: field.name });
        if (object instanceof protobuf.Namespace) visit(object);
      }
    };
    visit(printing);
  }
  return printing.lookupType(name);
}

/** Made at first use, for it reads the Envoy API. */
let encodeLiteral: ReturnType<typeof literalEncoder> | undefined;

/**
 * Encodes a literal. Equal content gives equal bytes: map entries are sorted.
 * @throws {Error} where two members of a oneof are set or a value does not fit: a bug of ours, never a user's mistake.
 */
export function encode<Name extends MessageName>(name: Name, value: Message<Name>): Uint8Array {
  encodeLiteral ??= literalEncoder(typeOf);
  return encodeLiteral(typeOf(name), value as Readonly<Record<string, unknown>>);
}

/** Decodes to a plain object with Envoy's field names, enums as strings, 64-bit numbers as strings; every Any it knows is opened and has an `@type`. */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), { enums: String, longs: String, json: true }) as Message<Name>;
}

/** A decoded message with Envoy's field names, enums as numbers, every Any closed, and what is not set on its prototype. */
export type Decoded = Readonly<Record<string, unknown>>;

/** Decodes without making it convenient: for what looks at every message that there is. */
export function decodeRaw(name: MessageName, bytes: Uint8Array): Decoded {
  return typeOf(name).decode(bytes) as unknown as Decoded;
}

/** What an Any holds, with its type. Undefined: a type that the bundle does not hold. */
export function openAny(any: Decoded): { readonly type: protobuf.Type; readonly open: () => Decoded } | undefined {
  const url = String(any['type_url']);
  const type = findType(url.slice(url.lastIndexOf('/') + 1));
  return type && { type, open: () => type.decode(any['value'] as Uint8Array) as unknown as Decoded };
}

/** Prints a message as canonical protobuf JSON with Envoy's field names. */
export function toEnvoyJson(name: MessageName, bytes: Uint8Array): Json {
  const type = printingTypeOf(name);
  return protojson.toJson(type, type.decode(bytes)) as Json;
}
