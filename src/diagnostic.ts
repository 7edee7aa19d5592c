/** How bad a diagnostic is: an `error` means that something asked for is not served, a `warning` that it is served in another way than one may think. */
export type Severity = 'error' | 'warning' | 'info';

/**
 * Where something comes from: a line of a file, an object, or both.
 * Every resource carries its origins, so that `explain` can walk from a request to the line that caused it.
 */
export interface Origin {
  /** `KIND NAMESPACE/NAME`, or `KIND NAME` for kinds without namespace. Undefined for a document that could not be read as an object. */
  readonly object?: string;
  /** Path of the field inside the object: `spec.rules[0].matches[1].path.value`. Undefined: the object as a whole. */
  readonly field?: string;
  /** Path of the file as it was given to the source. Undefined for objects that do not come from files. */
  readonly file?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Column in the line, from 1. */
  readonly column?: number;
}

/** A typed, located message about an object. A user's mistake is such a value, never an exception. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence: what is wrong and what happens because of it. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly remedy?: string;
  readonly at: Origin;
}

/** Takes the mistakes that a pure function finds; the function still returns something usable. */
export type Report = (diagnostic: Diagnostic) => void;

/** What the table knows of a code. */
interface CodeEntry {
  readonly severity: Severity;
  /** What the code means in general: the text of its paragraph in docs/reference/diagnostics.md. */
  readonly doc: string;
  /** Condition that the code sets on a Gateway API object. Undefined: none. @see https://gateway-api.sigs.k8s.io/reference/spec/ */
  readonly condition?: { readonly type: string; readonly status: 'True' | 'False'; readonly reason: string };
}

/** Every code that exists, in alphabetical order. A test fails where a code has no golden case. */
export const diagnosticCodes = {
  DuplicateObject: { severity: 'error', doc: 'The same kind, namespace and name is written twice. The first one (order of path, then of document) is used.' },
  InvalidField: { severity: 'error', doc: 'A field has a wrong type or a value out of its range. The last good form of the object stays in use.' },
  UnknownField: { severity: 'warning', doc: 'A field that the kind does not have; it is ignored.' },
  UnknownKind: { severity: 'warning', doc: 'An object of a kind that Sluice does not read; it is ignored.' },
  UnreadableYaml: { severity: 'error', doc: 'A document is not valid YAML. The last good form of the objects that it held stays in use.' },
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof diagnosticCodes;

/** Makes a diagnostic with the severity of its code. */
export function diagnostic(code: DiagnosticCode, at: Origin, message: string, remedy?: string): Diagnostic {
  return { code, severity: diagnosticCodes[code].severity, message, ...(remedy === undefined ? {} : { remedy }), at };
}

/** `file:line:column` where known, else the object and its field: the first column of every list of diagnostics. */
export function placeOf(at: Origin): string {
  if (at.file !== undefined) return [at.file, at.line, at.column].filter((part) => part !== undefined).join(':');
  return [at.object, at.field].filter((part) => part !== undefined).join(' ');
}
