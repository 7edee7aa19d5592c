import { type Diagnostic, diagnostic, type Origin } from '../diagnostic.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { fieldName } from './field-path.ts';
import { invalidField, nameOf, unknownField } from './issue.ts';
import { likelyMeant } from './likely.ts';
import type { FieldPath, Stored } from './stored.ts';

/** Where a value was read. */
export interface ReadFrom {
  /** Completes what is known of an origin by the place of the field, for sources that have places. */
  origin(path: FieldPath, known: Pick<Origin, 'object' | 'field'>): Origin;
  /** Order among objects without creation time; see `Stored.age`. */
  readonly order: string;
}

/** What became of a value. */
export interface Validated {
  /** Undefined: it is not used. */
  readonly stored?: Stored;
  /** Which object it is or would have been. Undefined: that cannot be read, it may be any. */
  readonly key?: { readonly kind: Kind; readonly namespace: string; readonly name: string };
  /** It is an object of a kind that Sluice does not read. */
  readonly isForeign?: true;
  readonly diagnostics: readonly Diagnostic[];
}

// Shared by all objects: each list of its own takes memory, however empty it is.
const whole: FieldPath = [];
const nothingWrong: readonly Diagnostic[] = [];

/**
 * Checks a value against the schema of its kind. A `List` gives one result for each of its items.
 * Diagnostics: `InvalidField`, `UnknownField`, `UnknownKind`.
 */
export function validate(value: unknown, from: ReadFrom, within: FieldPath = whole): readonly Validated[] {
  if (!isRecord(value)) {
    const message = `This is ${nameOf(value)}, not an object; it is ignored.`;
    return [{ diagnostics: [diagnostic('InvalidField', from.origin(within, {}), message, 'Write apiVersion, kind and metadata.')] }];
  }
  if (typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    return value['items'].flatMap((item: unknown, index) =>
      validate(item, { order: `${from.order}/${String(index).padStart(6, '0')}`, origin: (path, known) => from.origin(path, known) }, [
        ...within,
        'items',
        index,
      ]),
    );
  }
  return [validateObject(withoutNulls(value) as Record<string, unknown>, from, within)];
}

function validateObject(written: Record<string, unknown>, from: ReadFrom, within: FieldPath): Validated {
  let value = written;
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing = typeof kind !== 'string' ? 'kind' : 'apiVersion';
    const at = from.origin([...within, missing], { field: missing });
    return { diagnostics: [diagnostic('InvalidField', at, `The object has no ${missing}; it is ignored.`, `Write ${missing} as for kubectl.`)] };
  }
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  if (!isKind(kind)) {
    const object = `${kind} ${name || '(no name)'}`;
    const meant = likelyMeant(kind, Object.keys(kinds));
    const remedy = meant !== undefined ? `Write ${meant}, if that is meant.` : `Leave it, if it is for others: Sluice reads ${Object.keys(kinds).join(', ')}.`;
    const message = `Sluice does not read the kind ${kind}; the object is ignored.`;
    const found = diagnostic('UnknownKind', from.origin([...within, 'kind'], { object, field: 'kind' }), message, remedy);
    return { ...(meant !== undefined ? {} : { isForeign: true }), diagnostics: [found] };
  }

  const { namespaced, schema, group, versions } = kinds[kind];
  const namespace = !namespaced ? '' : typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default';
  // Joined, as below: a text that was added up keeps all its parts.
  const object = [kind, ' ', ...(namespaced ? [namespace, '/'] : []), name].join('');
  const origin = (path: FieldPath = whole): Origin =>
    from.origin(within.length === 0 ? path : within.concat(path), { object, ...(path.length > 0 ? { field: fieldName(path) } : {}) });
  const known = name === '' ? {} : { key: { kind, namespace, name } };

  const apiVersions = versions.map((version) => (group === '' ? version : `${group}/${version}`));
  if (!apiVersions.includes(apiVersion)) {
    const message = `Sluice does not read ${kind} of ${apiVersion}; the object is not used in this form.`;
    return { ...known, diagnostics: [diagnostic('UnknownKind', origin(['apiVersion']), message, `Write apiVersion: ${apiVersions[0]}.`)] };
  }

  const diagnostics: Diagnostic[] = [];
  let result = schema.safeParse(value);
  // An unknown field hides what the rules between the fields would say, so it is taken out and the rest is looked at again.
  for (let unknown = unrecognized(result); unknown.length > 0; unknown = unrecognized(result)) {
    for (const path of unknown) {
      diagnostics.push(unknownField(path, schema, origin));
      value = without(value, path) as Record<string, unknown>;
    }
    result = schema.safeParse(value);
  }
  if (!result.success) {
    for (const issue of result.error.issues) diagnostics.push(invalidField(issue, value, kind === 'Secret', origin));
    return { ...known, diagnostics };
  }
  const created = Date.parse(String(metadata['creationTimestamp']));
  // Without a creation time an object is younger than all that have one: `~` sorts after every digit.
  const age = [Number.isNaN(created) ? '~' : new Date(created).toISOString(), from.order].join(' ');
  // The schema of this very kind has just accepted the value, which is more than the compiler can follow.
  const stored = { kind, namespace, name, object: value, age, origin } as unknown as Stored;
  return { stored, key: stored, diagnostics: diagnostics.length > 0 ? diagnostics : nothingWrong };
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(kinds, kind);

/** The paths of all fields that the schema does not have. */
function unrecognized(result: ReturnType<(typeof kinds)[Kind]['schema']['safeParse']>): readonly FieldPath[] {
  return (result.error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...(issue.path as FieldPath), key]) : [],
  );
}

/** A copy without a field that is there. */
function without(value: unknown, [step = '', ...further]: FieldPath): unknown {
  if (Array.isArray(value)) return value.with(Number(step), without(value[Number(step)], further));
  const record = value as Readonly<Record<string | number, unknown>>;
  if (further.length > 0) return { ...record, [step]: without(record[step], further) };
  const { [step]: _, ...rest } = record;
  return rest;
}

/**
 * The value without the fields that are null: to Kubernetes they are not written (`annotations:` with nothing below, as templates
 * leave it). What holds none is not copied: there are many objects, and a copy takes more memory than what was parsed.
 */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((item) => holdsNull(item)) ? value.map(withoutNulls) : value;
  if (!isRecord(value) || !holdsNull(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}

/** Whether a field is null, at any depth. */
function holdsNull(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((field) => (field === null && !Array.isArray(value)) || holdsNull(field));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
