import { z } from 'zod';
import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { fieldName } from './field-path.ts';
import { likelyMeant } from './likely.ts';
import type { FieldPath } from './stored.ts';

type Issue = z.core.$ZodIssue;
type OriginOf = (path: FieldPath) => Origin;

/** `UnknownField`: a field that the schema does not have, with the one that was probably meant. */
export function unknownField(path: FieldPath, schema: z.ZodType, origin: OriginOf): Diagnostic {
  const known = fieldsAt(schema, path.slice(0, -1));
  const written = String(path.at(-1));
  const meant = likelyMeant(written, known);
  const remedy = meant !== undefined ? `Write ${meant}, if that is meant.` : `Fields here are ${known.join(', ')}.`;
  return diagnostic('UnknownField', origin(path), `There is no field ${fieldName(path)}; it is ignored.`, known.length > 0 ? remedy : undefined);
}

/**
 * `InvalidField`: what a schema does not accept, in words.
 * @param isSecret values must not be shown.
 */
export function invalidField(issue: Issue, value: unknown, isSecret: boolean, origin: OriginOf): Diagnostic {
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((errors) => errors[0]);
    // The branch that came closest says most, unless it is the type that fits none.
    const branch = [...issue.errors].sort((a, b) => a.length - b.length)[0]?.[0];
    if (branch && !inner.every((one) => one?.code === 'invalid_type')) {
      return invalidField({ ...branch, path: [...issue.path, ...branch.path] } as Issue, value, isSecret, origin);
    }
  }
  const path = issue.path as FieldPath;
  const name = fieldName(path) || 'The object';
  const found = valueAt(value, path);
  const [reason, remedy] = ruleOf(issue, isSecret && found !== undefined ? hidden : found);
  // Of rules between several fields the value as a whole says nothing.
  const isWhole = typeof found === 'object';
  const state = found === undefined ? 'is missing' : isWhole ? 'is not valid' : `is ${isSecret ? nameOf(found) : preview(found)}`;
  // That a field which is not there should be a list says the remedy; why it is needed says only a rule of ours.
  const problem = found === undefined && issue.code !== 'custom' ? state : `${state}: ${reason}`;
  return diagnostic('InvalidField', origin(path), `${name} ${problem}. The object is not used in this form.`, remedy);
}

/** Stands for a value that must not be shown. */
const hidden = Symbol('hidden');

/** What is expected, and what to do. */
function ruleOf(issue: Issue, found: unknown): readonly [string, string] {
  switch (issue.code) {
    case 'invalid_type':
      return expected([issue.expected], found);
    case 'invalid_union':
      return expected(
        issue.errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [first.expected] : [])),
        found,
      );
    case 'invalid_value': {
      const values = issue.values.map((value) => (value === '' ? '""' : String(value)));
      return [`one of ${values.join(', ')} is expected`, choiceRemedy(found, values)];
    }
    case 'too_big':
      return [`${issue.maximum}${unitOf(issue.origin)} at most`, `Give ${issue.maximum}${unitOf(issue.origin)} or less.`];
    case 'too_small':
      return [`${issue.minimum}${unitOf(issue.origin)} at least`, `Give ${issue.minimum}${unitOf(issue.origin)} or more.`];
    default:
      return [lowerFirst(issue.message), found === undefined ? 'Write the field.' : 'Give a value that fits this rule.'];
  }
}

/** What to do about a value that is none of those that are allowed. */
function choiceRemedy(found: unknown, values: readonly string[]): string {
  const switchWord = typeof found === 'boolean' && values.find((value) => value.toLowerCase() === (found ? 'on' : 'off'));
  if (switchWord) return `Write "${switchWord}" in quotes: without them YAML, as Kubernetes reads it, takes it for ${found}.`;
  const meant = likelyMeant(String(found), values);
  return meant !== undefined ? `Write ${meant}, if that is meant.` : `Give one of ${values.join(', ')}.`;
}

function expected(types: readonly string[], found: unknown): readonly [string, string] {
  const names = [...new Set(types.map(typeName))].join(' or ');
  // Most often YAML took for a number or a truth value what was meant as a text, or the other way round.
  if (found !== undefined && types.every((type) => type === 'string')) return [`${names} is expected`, 'Put it in quotes, or give a text.'];
  const isNumberInQuotes = typeof found === 'string' && /^[0-9]+$/.test(found) && types.some((type) => type === 'number' || type === 'int');
  return [`${names} is expected`, isNumberInQuotes ? `Write ${found} without quotes.` : `Give ${names}.`];
}

/** A JSON type as a person calls it. */
function typeName(expected: string): string {
  const names: Record<string, string> = {
    array: 'a list',
    boolean: 'true or false',
    int: 'a whole number',
    number: 'a number',
    object: 'a map of fields',
    record: 'a map',
    string: 'a text',
  };
  return names[expected] ?? `a value of the type ${expected}`;
}

/** What a limit counts; nothing for numbers. */
function unitOf(origin: string): string {
  return { array: ' entries', string: ' characters' }[origin] ?? '';
}

/** Names of the fields that an object of the schema may have at a path; empty where that cannot be told. */
function fieldsAt(schema: z.ZodType, path: FieldPath): readonly string[] {
  let current: unknown = schema;
  for (const step of [...path, undefined]) {
    while (current instanceof z.ZodOptional || current instanceof z.ZodNullable) current = current.unwrap();
    if (step === undefined) return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
    if (current instanceof z.ZodObject) current = current.shape[step];
    else if (current instanceof z.ZodArray) current = current.element;
    else if (current instanceof z.ZodRecord) current = current.valueType;
    else return [];
  }
  return [];
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[step] : undefined),
    value,
  );
}

/** Short form of a value for a message. */
function preview(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? 'a long text' : JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : nameOf(value);
}

/** What a value is, without its content. */
export function nameOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** The text as the end of a sentence; a first word that is a name (`URLRewrite`, `TLS`) stays as it is. */
const lowerFirst = (text: string): string => text.replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
