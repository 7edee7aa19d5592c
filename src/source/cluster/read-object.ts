import type { Diagnostic } from '../../diagnostic.ts';
import { type Kind, kinds } from '../../kind/index.ts';
import { keyText, type ObjectKey } from '../../store/sink.ts';
import type { Stored } from '../../store/stored.ts';
import { validate } from '../../store/validate.ts';

/** What kubectl and others keep in objects for themselves, often at greater length than the object. */
const unneededAnnotations = ['kubectl.kubernetes.io/last-applied-configuration', 'deployment.kubernetes.io/revision'];

/** An object of a cluster, read. */
export interface ReadObject {
  readonly key: ObjectKey;
  /** Undefined: it is not valid. */
  readonly stored?: Stored;
  readonly diagnostics: readonly Diagnostic[];
}

/** What every object of an API server has. */
interface RawObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * Checks an object of a cluster, and drops what nobody needs: who manages which field, the status, and what kubectl applied last.
 * A field that is not known is no mistake of the writer, as the API server has accepted it: it is of a newer Kubernetes, and told
 * as `info`. Diagnostics: `InvalidField`, `UnknownField`.
 * @param raw as the API server writes it; items of lists lack `apiVersion` and `kind`.
 */
export function readObject(kind: Kind, apiVersion: string, raw: unknown): ReadObject {
  const { status: _, ...object } = raw as Record<string, unknown>;
  const { managedFields: __, resourceVersion: ___, selfLink: ____, ...metadata } = (raw as RawObject).metadata as Record<string, unknown>;
  const { namespace = '', name, annotations } = (raw as RawObject).metadata;
  const kept = annotations && Object.fromEntries(Object.entries(annotations).filter(([each]) => !unneededAnnotations.includes(each)));
  const value = { ...object, apiVersion, kind, metadata: { ...metadata, ...(kept && { annotations: kept }) } };
  const key = { kind, namespace: kinds[kind].namespaced ? namespace : '', name };
  const [result] = validate(value, { order: keyText(key), origin: (_path, known) => known });
  const diagnostics = (result?.diagnostics ?? []).map((one): Diagnostic => (one.code === 'UnknownField' ? { ...one, severity: 'info' } : one));
  return { key, ...(result?.stored && { stored: result.stored }), diagnostics };
}

/** The key of an object that is only needed by its name. */
export function keyOf(kind: Kind, raw: unknown): ObjectKey {
  const { namespace = '', name } = (raw as RawObject).metadata;
  return { kind, namespace: kinds[kind].namespaced ? namespace : '', name };
}
