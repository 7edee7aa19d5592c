import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { fieldName } from './field-path.ts';
import type { FieldPath, Stored } from './stored.ts';

/** Where a value was read and how its fields are found there. */
export interface ReadFrom {
  /** Position of a field in its file; undefined for sources without files. */
  place(path: FieldPath): Pick<Origin, 'file' | 'line' | 'column'>;
  /** See `Stored.age`; creation time goes before it. */
  readonly order: string;
}

/** What became of a value. */
export interface Validated {
  /** Undefined: it is not used. Then `key` tells which object it would have been, as far as that can be read. */
  readonly stored?: Stored;
  readonly key?: { readonly kind: Kind; readonly namespace: string; readonly name: string };
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks values against the schemas of their kinds. A `List` gives one result for each of its items.
 * Diagnostics: `InvalidField`, `UnknownField`, `UnknownKind`.
 */
export function validate(value: unknown, from: ReadFrom, within: FieldPath = []): readonly Validated[] {
  if (!isRecord(value)) {
    const at = { ...from.place(within) };
    return [
      { diagnostics: [diagnostic('InvalidField', at, `This is ${nameOf(value)}, not an object; it is ignored.`, 'Write apiVersion, kind and metadata.')] },
    ];
  }
  if (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    return value['items'].flatMap((item: unknown, index) =>
      validate(item, { ...from, order: `${from.order}/${String(index).padStart(6, '0')}` }, [...within, 'items', index]),
    );
  }
  return [validateObject(value, from, within)];
}

function validateObject(value: Record<string, unknown>, from: ReadFrom, within: FieldPath): Validated {
  const { apiVersion, kind } = value;
  const place = (path: FieldPath) => from.place([...within, ...path]);
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing = typeof kind !== 'string' ? 'kind' : 'apiVersion';
    const message = `The object has no ${missing}; it is ignored.`;
    return { diagnostics: [diagnostic('InvalidField', { ...place([missing]), field: missing }, message, `Write ${missing} as for kubectl.`)] };
  }
  const unknown = unknownKind(apiVersion, kind);
  if (unknown) {
    const { message, remedy } = unknown;
    return { diagnostics: [diagnostic('UnknownKind', { ...place(['kind']), object: `${kind} ${nameIn(value)}` }, message, remedy)] };
  }

  const definition = kinds[kind as Kind];
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  const namespace = !definition.namespaced ? '' : typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default';
  const object = definition.namespaced ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
  const origin = (path: FieldPath = []): Origin => ({ object, ...(path.length > 0 ? { field: fieldName(path) } : {}), ...place(path) });

  const result = definition.schema.safeParse(value);
  const diagnostics = result.success ? [] : result.error.issues.flatMap((issue) => explain(issue, definition.schema, value, origin));
  const key = { kind: kind as Kind, namespace, name };
  if (diagnostics.some((found) => found.code !== 'UnknownField')) return { ...(name === '' ? {} : { key }), diagnostics };
  const stored = { ...key, object: value, age: `${creationTime(metadata['creationTimestamp'])} ${from.order}`, origin } as unknown as Stored;
  return { stored, key, diagnostics };
}

/** ISO 8601 in UTC, so that text sorts as time. Without one an object is younger than all that have one: `~` sorts after every digit. */
function creationTime(written: unknown): string {
  const time = typeof written === 'string' ? Date.parse(written) : Number.NaN;
  return Number.isNaN(time) ? '~' : new Date(time).toISOString();
}

function unknownKind(apiVersion: string, kind: string): { message: string; remedy: string } | undefined {
  const definition = Object.hasOwn(kinds, kind) ? kinds[kind as Kind] : undefined;
  const known = Object.keys(kinds);
  if (!definition) {
    const near = closest(kind, known);
    const remedy = distance(kind, near) <= 3 ? `Write ${near}, if that is meant.` : `Sluice reads ${known.join(', ')}.`;
    return { message: `Sluice does not read the kind ${kind}; the object is ignored.`, remedy };
  }
  const versions = definition.versions.map((version) => (definition.group === '' ? version : `${definition.group}/${version}`));
  if (versions.includes(apiVersion)) return undefined;
  return { message: `Sluice does not read ${kind} in ${apiVersion}; the object is ignored.`, remedy: `Write apiVersion: ${versions[0]}.` };
}

type Issue = z.core.$ZodIssue;

/** One issue of a schema as diagnostics: one for each unknown field, else one at the field that is wrong. */
function explain(issue: Issue, schema: z.ZodType, value: unknown, origin: (path: FieldPath) => Origin): readonly Diagnostic[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path);
    return issue.keys.map((key) => {
      const near = known.length > 0 ? closest(key, known) : key;
      const remedy =
        known.length > 0 && distance(key, near) <= 3
          ? `Write ${near}, if that is meant.`
          : known.length > 0
            ? `Fields here are ${known.join(', ')}.`
            : undefined;
      return diagnostic('UnknownField', origin([...path, key]), `There is no field ${fieldName([...path, key])}; it is ignored.`, remedy);
    });
  }
  if (issue.code === 'invalid_union') {
    // The branch that came closest says most; with none the field as a whole is wrong.
    const branch = [...issue.errors].sort((a, b) => a.length - b.length)[0]?.[0];
    if (branch) return explain({ ...branch, path: [...issue.path, ...branch.path] } as Issue, schema, value, origin);
  }
  const name = fieldName(path) || 'the object';
  const found = valueAt(value, path);
  const shown = isSecret(value, path) ? nameOf(found) : preview(found);
  const problem = found === undefined ? 'is missing' : `is ${shown}: ${lowerFirst(issue.message.replace(/^Invalid input: /, ''))}`;
  return [diagnostic('InvalidField', origin(path), `${name} ${problem}. The object is not used in this form.`, remedyOf(issue))];
}

function remedyOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return `Give ${issue.expected === 'int' ? 'a whole number' : `a value of the type ${issue.expected}`}.`;
  if (issue.code === 'invalid_value') return `Give one of ${issue.values.map(String).join(', ')}.`;
  return undefined;
}

/** Names of the fields that an object of the schema may have at a path; empty where that cannot be told. */
function fieldsAt(schema: z.ZodType, path: FieldPath): readonly string[] {
  let current: unknown = schema;
  for (const step of [...path, undefined]) {
    while (current instanceof z.ZodOptional || current instanceof z.ZodNullable) current = current.unwrap();
    if (step === undefined) return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
    if (current instanceof z.ZodObject) current = current.shape[step];
    else if (current instanceof z.ZodArray) current = current.element;
    else return [];
  }
  return [];
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (inner, step) => (isRecord(inner) || Array.isArray(inner) ? (inner as Record<string | number, unknown>)[step] : undefined),
    value,
  );
}

/** Whether a field may hold a secret value, which no message shows. */
function isSecret(value: unknown, path: FieldPath): boolean {
  return isRecord(value) && value['kind'] === 'Secret' && path[0] !== 'metadata';
}

/** Short form of a value for a message. */
function preview(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? 'a long text' : JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : nameOf(value);
}

function nameOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function nameIn(value: Record<string, unknown>): string {
  const metadata = value['metadata'];
  return isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '(no name)';
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
