import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { fieldName } from './field-path.ts';
import { isLikely } from './likely.ts';
import type { FieldPath } from './stored.ts';

type Issue = z.core.$ZodIssue;
type OriginOf = (path: FieldPath) => Origin;

/** `UnknownField`: a field that the schema does not have, with the one that was probably meant. */
export function unknownField(path: FieldPath, schema: z.ZodType, origin: OriginOf): Diagnostic {
  const known = fieldsAt(schema, path.slice(0, -1));
  const written = String(path.at(-1));
  const near = closest(written, known);
  const remedy = isLikely(written, near) ? `Write ${near}, if that is meant.` : `Fields here are ${known.join(', ')}.`;
  return diagnostic('UnknownField', origin(path), `There is no field ${fieldName(path)}; it is ignored.`, known.length > 0 ? remedy : undefined);
}

/**
 * `InvalidField`: what a schema does not accept, in words.
 * @param isSecret values must not be shown.
 */
export function invalidField(issue: Issue, value: unknown, isSecret: boolean, origin: OriginOf): Diagnostic {
  if (issue.code === 'invalid_union') {
    // The branch that came closest says most.
    const branch = [...issue.errors].sort((a, b) => a.length - b.length)[0]?.[0];
    const expected = issue.errors.map((errors) => errors[0]).map((error) => (error?.code === 'invalid_type' ? typeName(error.expected) : undefined));
    if (expected.length > 0 && expected.every((one) => one !== undefined)) {
      return invalid(issue.path as FieldPath, `${[...new Set(expected)].join(' or ')} is expected`, `Give ${[...new Set(expected)].join(' or ')}.`);
    }
    if (branch) return invalidField({ ...branch, path: [...issue.path, ...branch.path] } as Issue, value, isSecret, origin);
  }
  return invalid(issue.path as FieldPath, reasonOf(issue), remedyOf(issue));

  function invalid(path: FieldPath, reason: string, remedy: string | undefined): Diagnostic {
    const name = fieldName(path) || 'The object';
    const found = valueAt(value, path);
    const shown = isSecret ? nameOf(found) : preview(found);
    // Of rules between several fields the value as a whole says nothing.
    const problem = found === undefined ? 'is missing' : typeof found === 'object' ? `is not valid: ${reason}` : `is ${shown}: ${reason}`;
    return diagnostic('InvalidField', origin(path), `${name} ${problem}. The object is not used in this form.`, remedy);
  }
}

function reasonOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `${typeName(issue.expected)} is expected`;
  if (issue.code === 'invalid_value') return `${issue.values.map(String).join(', ')} is expected`;
  return lowerFirst(issue.message);
}

function remedyOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `Give ${typeName(issue.expected)}.`;
  if (issue.code === 'invalid_value') return `Give one of ${issue.values.map(String).join(', ')}.`;
  return 'Give a value that the field allows.';
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
    string: 'a text (in quotes, where it looks like a number, true or false)',
  };
  return names[expected] ?? `a value of the type ${expected}`;
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

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
