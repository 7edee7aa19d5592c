import protobuf from 'protobufjs';

/** A message as a literal says it: names of fields to values, of which undefined and null are not set. */
type Literal = Readonly<Record<string, unknown>>;

/** Encodes a literal of a type. */
type Encode = (type: protobuf.Type, literal: Literal) => Uint8Array;

type WriteMessage = (writer: protobuf.Writer, literal: Literal) => void;

/** How a field of a message is written. */
interface FieldWriter {
  readonly name: string;
  /** Its number: fields are written in the order of these. */
  readonly id: number;
  /** Of whose members only one may be set. */
  readonly oneof: protobuf.OneOf | null;
  readonly write: (writer: protobuf.Writer, value: unknown) => void;
}

/**
 * Makes an encoder that goes through the fields that a literal has. The one that protobufjs generates goes through all that a message may have, three times over,
 * and is so much code for each of a hundred messages that to compile it takes longer than to encode thousands of resources.
 *
 * Entries of maps are sorted by their keys, but for those inside of an Any, which stand as the literal has them. An object in the place of an Any is encoded as
 * the type that its `@type` names. It throws where a field is not known, two members of a oneof are set, or a value does not fit.
 * @param typeOf finds a message by its dotted name.
 */
export function literalEncoder(typeOf: TypeOf): Encode {
  return encoder(typeOf, sortedEntries, encoder(typeOf, Object.entries));
}

type WriterOf = (type: protobuf.Type) => WriteMessage;
type TypeOf = (name: string) => protobuf.Type;
type EntriesOf = (map: Literal) => readonly (readonly [string, unknown])[];

const sortedEntries: EntriesOf = (map) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

/** @param inAny encodes what is inside of an Any; undefined: this one does. */
function encoder(typeOf: TypeOf, entriesOf: EntriesOf, inAny?: Encode): Encode {
  const known = new Map<protobuf.Type, WriteMessage>();
  const writerOf = (type: protobuf.Type): WriteMessage => {
    const made =
      known.get(type) ??
      messageWriter(
        type,
        type.fieldsArray.map((field) => fieldWriter(field.resolve(), writerOf, entriesOf)),
      );
    known.set(type, made);
    return made;
  };
  const encode: Encode = (type, literal) => {
    const writer = protobuf.Writer.create();
    writerOf(type)(writer, literal);
    return writer.finish();
  };
  const any = typeOf('google.protobuf.Any');
  const writeClosed = writerOf(any);
  known.set(any, (writer, literal) => {
    const { '@type': url } = literal;
    if (typeof url !== 'string') return writeClosed(writer, literal);
    const content = (inAny ?? encode)(typeOf(url.slice(url.lastIndexOf('/') + 1)), literal);
    writer.uint32(tag(1, delimited)).string(url);
    if (content.length > 0) writer.uint32(tag(2, delimited)).bytes(content);
  });
  return encode;
}

/** Goes through what is set: most messages have far more fields than that. */
function messageWriter(type: protobuf.Type, writers: readonly FieldWriter[]): WriteMessage {
  const byName = new Map(writers.map((writer) => [writer.name, writer]));
  const hasOneofs = type.oneofsArray.length > 0;
  return (writer, literal) => {
    const fields: FieldWriter[] = [];
    for (const name in literal) {
      const value = literal[name];
      if (value === undefined || value === null || name === '@type') continue;
      const field = byName.get(name);
      if (!field) throw new Error(`${type.fullName} has no field ${name}`);
      insert(fields, field);
    }
    if (hasOneofs) checkOneofs(type, fields);
    for (const field of fields) field.write(writer, literal[field.name]);
  };
}

/** Into a short list that is in the order of numbers. */
function insert(fields: FieldWriter[], field: FieldWriter): void {
  let at = fields.push(field) - 1;
  for (let before = fields[at - 1]; before && before.id > field.id; before = fields[at - 1]) {
    fields[at] = before;
    at -= 1;
    fields[at] = field;
  }
}

function checkOneofs(type: protobuf.Type, fields: readonly FieldWriter[]): void {
  for (const field of fields) {
    const { oneof } = field;
    if (oneof && fields.find((other) => other.oneof === oneof) !== field) throw new Error(`${type.fullName} has several members of ${oneof.name}`);
  }
}

/** Of scalars. */
const wireTypes: Readonly<Record<string, number>> = protobuf.types.basic;
/** The wire type of what has a length. */
const delimited = 2;
const tag = (id: number, wireType: number): number => ((id << 3) | wireType) >>> 0;

function fieldWriter(field: protobuf.Field, writerOf: WriterOf, entriesOf: EntriesOf): FieldWriter {
  const { name, id, partOf: oneof } = field;
  const { wireType, put, isDefault } = valueWriter(field, writerOf);
  const own = tag(id, wireType);
  if (field.map) return { name, id, oneof, write: mapWriter(field as protobuf.FieldBase as protobuf.MapField, wireType, put, entriesOf) };
  if (field.repeated) return { name, id, oneof, write: listWriter(field, own, put) };
  const isWrittenAlways = field.hasPresence || field.resolvedType instanceof protobuf.Type;
  return {
    name,
    id,
    oneof,
    write(writer, value) {
      if (isWrittenAlways || !isDefault(value)) put(writer.uint32(own), value);
    },
  };
}

function mapWriter(field: protobuf.MapField, wireType: number, put: ValueWriter['put'], entriesOf: EntriesOf): FieldWriter['write'] {
  const key = scalarWriter(field.keyType, field);
  return (writer, value) => {
    for (const [name, one] of entriesOf(objectOf(field, value))) {
      key.put(writer.uint32(tag(field.id, delimited)).fork().uint32(tag(1, key.wireType)), name);
      put(writer.uint32(tag(2, wireType)), one);
      writer.ldelim();
    }
  };
}

function listWriter(field: protobuf.Field, own: number, put: ValueWriter['put']): FieldWriter['write'] {
  // Whatever has a length is never packed.
  const isPacked = field.packed && (own & 7) !== delimited;
  return (writer, value) => {
    if (!Array.isArray(value)) throw new Error(`${field.fullName} must be a list`);
    if (value.length === 0) return;
    if (isPacked) writer.uint32(tag(field.id, delimited)).fork();
    for (const one of value) put(isPacked ? writer : writer.uint32(own), one);
    if (isPacked) writer.ldelim();
  };
}

/** How a value is written behind its tag. */
interface ValueWriter {
  readonly wireType: number;
  readonly put: (writer: protobuf.Writer, value: unknown) => void;
  /** Whether it says the same as if it were not set. */
  readonly isDefault: (value: unknown) => boolean;
}

function valueWriter(field: protobuf.Field, writerOf: WriterOf): ValueWriter {
  const { resolvedType, type } = field;
  if (resolvedType instanceof protobuf.Type) {
    // Found at first use, as a type may contain itself.
    let write: WriteMessage | undefined;
    return {
      wireType: delimited,
      put(writer, value) {
        write ??= writerOf(resolvedType);
        write(writer.fork(), objectOf(field, value));
        writer.ldelim();
      },
      isDefault: () => false,
    };
  }
  if (resolvedType instanceof protobuf.Enum) {
    const numberOf = (value: unknown): number => {
      const found = typeof value === 'number' ? value : resolvedType.values[String(value)];
      if (found === undefined) throw new Error(`${field.fullName} has no value ${value}`);
      return found;
    };
    return { wireType: 0, put: (writer, value) => writer.int32(numberOf(value)), isDefault: (value) => numberOf(value) === 0 };
  }
  return scalarWriter(type, field);
}

function scalarWriter(type: string, { fullName }: protobuf.FieldBase): ValueWriter {
  const wireType = wireTypes[type];
  if (wireType === undefined) throw new Error(`${fullName} has the unknown type ${type}`);
  switch (type) {
    case 'string':
      return { wireType, put: (writer, value) => writer.string(String(value)), isDefault: (value) => value === '' };
    case 'bytes':
      return { wireType, put: (writer, value) => writer.bytes(value as Uint8Array), isDefault: (value) => (value as Uint8Array).length === 0 };
    case 'bool':
      return { wireType, put: (writer, value) => writer.bool(value === true), isDefault: (value) => value !== true };
    case 'double':
    case 'float':
      return { wireType, put: (writer, value) => writer[type](Number(value)), isDefault: (value) => Object.is(Number(value), 0) };
    case 'int64':
    case 'uint64':
      return { wireType, put: (writer, value) => putLong(writer, type, value), isDefault: (value) => Number(value) === 0 };
    default:
      return { wireType, put: (writer, value) => writer[type as 'sint64'](value as number), isDefault: (value) => Number(value) === 0 };
  }
}

/** What fits into 32 bits has the same bytes there, without an object that stands for 64: seconds of durations are all that routes have of these. */
function putLong(writer: protobuf.Writer, type: 'int64' | 'uint64', value: unknown): void {
  const number = Number(value);
  if (number === number >>> 0) writer.uint32(number);
  else writer[type](value as number);
}

function objectOf(field: protobuf.FieldBase, value: unknown): Literal {
  // Its full name is found anew each time that it is asked for.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${field.fullName} must be an object`);
  return value as Literal;
}
