import protobuf from 'protobufjs';
import { type Decoded, openAny, typeOf } from './codec.ts';
import type { MessageName } from './message.ts';

/** Told of a field that is set, with the message that holds it. */
type TellField = (field: string, value: unknown, message: Decoded) => void;

/** Tells of every field of the wanted names in a message, at any depth and in every Any whose type is known. */
type FieldFinder = (name: MessageName, message: Decoded, tell: TellField) => void;

/** Makes a finder of fields by their names, whatever message they stand in. It only looks where one may be; each message type is compiled once. */
export function fieldFinder(wanted: ReadonlySet<string>): FieldFinder {
  const compiled = new Map<protobuf.Type, readonly Visit[]>();
  const visitsOf = (type: protobuf.Type): readonly Visit[] => {
    const known = compiled.get(type);
    if (known) return known;
    const visits = type.fieldsArray.flatMap((field) => visitOf(field.resolve(), wanted, visitsOf));
    compiled.set(type, visits);
    return visits;
  };
  return (name, message, tell) => {
    for (const visit of visitsOf(typeOf(name))) visit(message, tell);
  };
}

type Visit = (message: Decoded, tell: TellField) => void;
type VisitsOf = (type: protobuf.Type) => readonly Visit[];

/** None where neither the field is wanted nor anything below it can be. */
function visitOf(field: protobuf.Field, wanted: ReadonlySet<string>, visitsOf: VisitsOf): readonly Visit[] {
  const { name, resolvedType } = field;
  const isWanted = wanted.has(name);
  const below = resolvedType instanceof protobuf.Type && mayHold(resolvedType, wanted, new Set()) ? belowOf(resolvedType, visitsOf) : undefined;
  if (!isWanted && !below) return [];
  return [
    (message, tell) => {
      const value = Object.hasOwn(message, name) ? message[name] : undefined;
      if (value === undefined || value === null) return;
      if (isWanted) tell(name, value, message);
      if (!below) return;
      if (!field.map && !field.repeated) below(value as Decoded, tell);
      else for (const one of Object.values(value)) below(one as Decoded, tell);
    },
  ];
}

/** Looks into a message, or into what an Any holds. */
function belowOf(type: protobuf.Type, visitsOf: VisitsOf): Visit {
  if (!isAny(type)) {
    return (message, tell) => {
      for (const visit of visitsOf(type)) visit(message, tell);
    };
  }
  return (any, tell) => {
    const inside = openAny(any);
    const visits = inside ? visitsOf(inside.type) : [];
    if (!inside || visits.length === 0) return;
    const message = inside.open();
    for (const visit of visits) visit(message, tell);
  };
}

const isAny = (type: protobuf.Type): boolean => type.fullName === '.google.protobuf.Any';

/** @param seen types that are looked at already, since types may contain themselves. */
function mayHold(type: protobuf.Type, wanted: ReadonlySet<string>, seen: Set<protobuf.Type>): boolean {
  if (isAny(type)) return true;
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fieldsArray.some(
    (field) => wanted.has(field.name) || (field.resolve().resolvedType instanceof protobuf.Type && mayHold(field.resolvedType as protobuf.Type, wanted, seen)),
  );
}
