import protobuf from 'protobufjs';
import { type Decoded, openAny, typeOf } from './codec.ts';
import { durationRules } from './duration-rules.ts';
import type { MessageName } from './message.ts';
import { type Limits, type ValueRule, valueRules } from './rules-of-value.ts';

/** Field names, positions in lists and keys of maps, from the outermost message to the value. Messages inside an Any go on below it. */
export type FieldPath = readonly (string | number)[];

/** A value that breaks a rule. */
export interface Violation {
  readonly path: FieldPath;
  /** What it must be: `must be above 0`. */
  readonly rule: string;
}

/** Notes what is wrong with a message as a whole, or with what is below it at a path that begins there. */
export type MessageRule = (message: Decoded, note: (rule: string, ...below: FieldPath) => void) => void;

/** Told of a field that is set, with the message that holds it. */
type TellField = (field: string, value: unknown, message: Decoded) => void;

/** Finds what breaks the rules in a message, at any depth and in every Any whose type is known, and tells of all wanted fields on its way. */
export type RuleChecker = (name: MessageName, message: Decoded, tell?: TellField) => readonly Violation[];

/**
 * Makes a checker of the field rules that the Envoy API itself holds (protoc-gen-validate), read by reflection, so that there is
 * no second copy of them. Each message type is compiled once, at its first use. It goes through the fields that a message has, as most have far fewer than they may have.
 * @param messageRules more rules for all messages of a type, by its dotted name.
 * @param wanted names of fields to tell of, whatever message they stand in.
 */
export function ruleChecker(messageRules: Readonly<Record<string, MessageRule>> = {}, wanted: ReadonlySet<string> = new Set()): RuleChecker {
  const compiled = new Map<protobuf.Type, CompiledType>();
  const compile = (type: protobuf.Type): CompiledType => {
    const known = compiled.get(type);
    if (known) return known;
    const made: CompiledType = { whole: [], ofField: new Map() };
    // Known before it is whole, as a type may contain itself.
    compiled.set(type, made);
    const rule = messageRules[type.fullName.slice(1)];
    if (rule) made.whole.push((message, found) => rule(message, (words, ...below) => found.note(words, ...below)));
    for (const oneof of type.oneofsArray) if (oneof.options?.['(validate.required)'] === true) made.whole.push(requiredOneof(oneof));
    for (const field of type.fieldsArray) {
      const { unset, set } = fieldChecks(field.resolve(), compile);
      if (unset) made.whole.push((message, found) => isSet(message, field.name) || unset(message, found));
      const check = wanted.has(field.name) ? told(field.name, set) : set;
      if (check) made.ofField.set(field.name, check);
    }
    return made;
  };
  return (name, message, tell = () => undefined) => {
    const found = new Found(tell);
    run(compile(typeOf(name)), message, found);
    return found.violations;
  };
}

interface CompiledType {
  /** Whatever is set. */
  readonly whole: Check[];
  /** Of a field that is set. */
  readonly ofField: Map<string, Check>;
}
type Compile = (type: protobuf.Type) => CompiledType;
type Check = (message: Decoded, found: Found) => unknown;

/** What is asked of a field. Undefined: nothing. */
interface FieldChecks {
  /** Where it is not set. */
  readonly unset?: Check | undefined;
  readonly set?: Check | undefined;
}

/** Collects violations at the place where the walk is. */
class Found {
  readonly violations: Violation[] = [];
  readonly path: (string | number)[] = [];
  readonly tell: TellField;

  constructor(tell: TellField) {
    this.tell = tell;
  }

  note(rule: string | undefined, ...below: FieldPath): void {
    if (rule !== undefined) this.violations.push({ path: [...this.path, ...below], rule });
  }
}

function run({ whole, ofField }: CompiledType, message: Decoded, found: Found): void {
  for (const check of whole) check(message, found);
  for (const name of Object.keys(message)) ofField.get(name)?.(message, found);
}

function below(step: string | number, compiled: CompiledType, message: Decoded, found: Found): void {
  found.path.push(step);
  run(compiled, message, found);
  found.path.pop();
}

function requiredOneof({ name, oneof }: protobuf.OneOf): Check {
  return (message, found) => {
    if (!oneof.some((member) => isSet(message, member))) found.note(`one of ${oneof.join(', ')} must be set`, name);
  };
}

/** That a message must be there is asked of the field, all else of the message. */
function withoutRequired(rules: Rules): Rules {
  return Object.fromEntries(Object.entries(rules).map(([kind, { required: _, ...limits }]) => [kind, limits]));
}

const isSet = (message: Decoded, field: string): boolean => Object.hasOwn(message, field);

/** @param check what is asked beside. */
function told(name: string, check: Check | undefined): Check {
  return (message, found) => {
    found.tell(name, message[name], message);
    check?.(message, found);
  };
}

function fieldChecks(field: protobuf.Field, compile: Compile): FieldChecks {
  const rules = rulesOf(field);
  if (field.map) return mapChecks(field, rules, compile);
  if (field.repeated) return repeatedChecks(field, rules, compile);
  const { name, resolvedType, partOf } = field;
  if (!(resolvedType instanceof protobuf.Type)) return scalarChecks(field, rules);
  // Of a oneof the member that is not set is not there.
  const isRequired = !partOf && Object.values(rules).some((limits) => limits['required'] === true);
  const item = messageCheck(resolvedType, withoutRequired(rules), compile);
  return {
    unset: isRequired ? (_, found) => found.note('must be set', name) : undefined,
    set: (message, found) => item(message[name] as Decoded, name, found),
  };
}

function scalarChecks(field: protobuf.Field, rules: Rules): FieldChecks {
  const checks = scalarRules(field, rules);
  if (checks.length === 0) return {};
  const { name, partOf, defaultValue } = field;
  const set: Check = (message, found) => {
    for (const check of checks) found.note(check(message[name]), name);
  };
  // What is not set has its default value, which the rules hold for as well; but of a oneof only the member that is set is there.
  const isGoodUnset = partOf !== null || checks.every((check) => check(defaultValue) === undefined);
  return { unset: isGoodUnset ? undefined : set, set };
}

type ItemCheck = (value: Decoded, step: string | number, found: Found) => void;

/** For a message in a field: by the rules of its own type, and by those that the field has for it. */
function messageCheck(type: protobuf.Type, rules: Rules, compile: Compile): ItemCheck {
  if (type.fullName === '.google.protobuf.Any') return anyCheck(compile);
  if (type.fullName === '.google.protobuf.Duration') {
    const own = durationRules(rules['duration'] ?? {});
    return (value, step, found) => {
      for (const rule of own) found.note(rule(value), step);
      below(step, compile(type), value, found);
    };
  }
  const inner = type.fields['value'];
  const wrapped = /^\.google\.protobuf\.\w+Value$/.test(type.fullName) && inner ? scalarRules(inner, rules) : [];
  if (wrapped.length > 0) {
    return (value, step, found) => {
      for (const rule of wrapped) found.note(rule(value['value']), step);
    };
  }
  let compiled: CompiledType | undefined;
  return (value, step, found) => {
    compiled ??= compile(type);
    below(step, compiled, value, found);
  };
}

function anyCheck(compile: Compile): ItemCheck {
  return (any, step, found) => {
    const inside = openAny(any);
    // Of an extension that the bundle does not hold nothing is known.
    if (inside) below(step, compile(inside.type), inside.open(), found);
  };
}

function repeatedChecks(field: protobuf.Field, rules: Rules, compile: Compile): FieldChecks {
  const { name, resolvedType } = field;
  const { min_items: least, max_items: most, unique, ...unknown } = rules['repeated'] ?? {};
  refuseUnknown('repeated', unknown);
  const itemRules = rulesOf(field, `${prefix}repeated.items.`);
  const scalars = resolvedType instanceof protobuf.Type ? [] : scalarRules(field, itemRules);
  const item = resolvedType instanceof protobuf.Type ? messageCheck(resolvedType, itemRules, compile) : undefined;
  const set: Check = (message, found) => {
    const list = message[name] as readonly unknown[];
    if (least !== undefined && list.length < Number(least)) found.note(`must have at least ${least} ${least === 1 ? 'item' : 'items'}`, name);
    if (most !== undefined && list.length > Number(most)) found.note(`must have at most ${most} items`, name);
    if (unique === true && new Set(list).size < list.length) found.note('must not hold an item twice', name);
    if (!item && scalars.length === 0) return;
    found.path.push(name);
    for (const [index, value] of list.entries()) {
      item?.(value as Decoded, index, found);
      for (const rule of scalars) found.note(rule(value), index);
    }
    found.path.pop();
  };
  return { unset: Number(least) > 0 ? set : undefined, set };
}

function mapChecks(field: protobuf.Field, rules: Rules, compile: Compile): FieldChecks {
  const { name, resolvedType } = field;
  const { min_pairs: least, ...unknown } = rules['map'] ?? {};
  refuseUnknown('map', unknown);
  const keyRules = Object.entries(rulesOf(field, `${prefix}map.keys.`)).flatMap(([kind, limits]) => valueRules(kind, limits));
  const item = resolvedType instanceof protobuf.Type ? messageCheck(resolvedType, {}, compile) : undefined;
  const set: Check = (message, found) => {
    const entries = Object.entries(message[name] as Decoded);
    if (least !== undefined && entries.length < Number(least)) found.note(`must have at least ${least} entries`, name);
    found.path.push(name);
    for (const [key, value] of entries) {
      for (const rule of keyRules) found.note(rule(key), key);
      item?.(value as Decoded, key, found);
    }
    found.path.pop();
  };
  return { unset: Number(least) > 0 ? set : undefined, set };
}

function refuseUnknown(kind: string, limits: Limits): void {
  const [name] = Object.keys(limits);
  if (name !== undefined) throw new Error(`the Envoy API has a field rule that is not known: ${kind}.${name}`);
}

const prefix = '(validate.rules).';
type Rules = Readonly<Record<string, Limits>>;

/**
 * The rules of a field by kind: `(validate.rules).string.min_len: 1` is `{ string: { min_len: 1 } }`. Those of the items of a list
 * and of the keys of a map are asked for by their own start.
 */
function rulesOf({ options }: protobuf.Field, start = prefix): Rules {
  const rules: Record<string, Record<string, unknown>> = {};
  for (const [option, limit] of Object.entries(options ?? {})) {
    if (!option.startsWith(start)) continue;
    const [kind = '', name = '', ...more] = option.slice(start.length).split('.');
    if (name === 'items' || name === 'keys') continue;
    const limits = rules[kind] ?? {};
    rules[kind] = limits;
    // A time is written in two parts: `gte.seconds`, `gte.nanos`.
    if (more.length > 0) limits[name] = { ...(limits[name] as object | undefined), [more.join('.')]: limit };
    else limits[name] = limit;
  }
  return rules;
}

/** Rules of a field without messages; the wrapper of a number has the number's rules. */
function scalarRules({ resolvedType }: protobuf.Field, rules: Rules): readonly ValueRule[] {
  return Object.entries(rules).flatMap(([kind, limits]) => {
    if (kind === 'repeated') return [];
    if (kind !== 'enum' || !(resolvedType instanceof protobuf.Enum)) return valueRules(kind, limits);
    const { defined_only: definedOnly, ...rest } = limits;
    const { valuesById } = resolvedType;
    const defined: ValueRule = (value) => (valuesById[Number(value)] === undefined ? 'must be a value that the API defines' : undefined);
    return [...(definedOnly === true ? [defined] : []), ...valueRules(kind, rest)];
  });
}
