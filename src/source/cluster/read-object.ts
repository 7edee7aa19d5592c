import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../diagnostic.ts';
import { type Kind, kinds } from '../../kind/index.ts';
import type { ObjectKey } from '../../store/sink.ts';
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
  readonly metadata: RawMetadata;
}

interface RawMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Checks an object of a cluster, and drops what nobody needs: who manages which field, who owns it, the status, what kubectl
 * applied last, and of endpoints which pods they are.
 * A field that is not known is no mistake of the writer, as the API server has accepted it: it is of a newer Kubernetes, and told
 * as `info`. Diagnostics: `InvalidField`, `UnknownField`.
 * @param raw as the API server writes it; items of lists lack `apiVersion` and `kind`.
 */
export function readObject(kind: Kind, apiVersion: string, raw: unknown): ReadObject {
  const { status: _, ...object } = raw as Record<string, unknown>;
  const { namespace = '', name } = (raw as RawObject).metadata;
  const isSlice = kind === 'EndpointSlice';
  const metadata = (isSlice ? sliceMetadata : neededMetadata)((raw as RawObject).metadata);
  const endpoints = isSlice && Array.isArray(object['endpoints']) ? { endpoints: object['endpoints'].map(neededOfEndpoint) } : {};
  const value = { ...object, ...endpoints, apiVersion, kind, metadata };
  const key = { kind, namespace: kinds[kind].namespaced ? namespace : '', name };
  // What was made within one second is in the order of Gateway API: by `NAMESPACE/NAME`, whatever the kind. No name has a blank.
  const order = `${key.namespace}/${name} ${kind}`;
  const [result] = validate(value, { order, origin: (_path, known) => known });
  const diagnostics = (result?.diagnostics ?? []).map((one): Diagnostic => (one.code === 'UnknownField' ? { ...one, severity: 'info' } : one));
  return { key, ...(result?.stored && { stored: result.stored }), diagnostics };
}

function neededMetadata(metadata: RawMetadata): object {
  const { managedFields: _, resourceVersion: __, selfLink: ___, ownerReferences: ____, ...needed } = metadata as unknown as Record<string, unknown>;
  const { annotations } = metadata;
  if (!annotations || !unneededAnnotations.some((each) => each in annotations)) return needed;
  return { ...needed, annotations: Object.fromEntries(Object.entries(annotations).filter(([each]) => !unneededAnnotations.includes(each))) };
}

/** There are many slices, and of most labels and annotations of theirs controllers alone make use. */
function sliceMetadata({ name, namespace, labels, ...others }: RawMetadata): object {
  const { uid, creationTimestamp } = others as Readonly<Record<string, unknown>>;
  const service = labels?.[serviceLabel];
  return { name, namespace, uid, creationTimestamp, ...(service !== undefined && { labels: { [serviceLabel]: service } }) };
}

const serviceLabel = 'kubernetes.io/service-name';

/** Another pod at the same address is no other endpoint. */
function neededOfEndpoint(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return raw;
  const { targetRef: _, nodeName: __, deprecatedTopology: ___, conditions, ...needed } = raw as Record<string, unknown>;
  return conditions === undefined ? needed : { ...needed, conditions: isUsual(conditions) ? usualConditions : conditions };
}

/** Nearly all endpoints have these: one object for all of them. */
const usualConditions = { ready: true, serving: true, terminating: false };
const isUsual = (conditions: unknown): boolean => isDeepStrictEqual(conditions, usualConditions);

/** The key of an object that is only needed by its name. */
export function keyOf(kind: Kind, raw: unknown): ObjectKey {
  const { namespace = '', name } = (raw as RawObject).metadata;
  return { kind, namespace: kinds[kind].namespaced ? namespace : '', name };
}
