import { z } from 'zod';
import { port } from '../kind.ts';
import { apiGroup, kindName, namespaceName, objectName, sectionName } from './names.ts';

/** The Gateway (or, in a mesh, the Service) that a route hangs on. */
const parentReference = z.strictObject({
  group: apiGroup.optional(),
  kind: kindName.optional(),
  namespace: namespaceName.optional(),
  name: objectName,
  sectionName: sectionName.optional(),
  port: port.optional(),
});

/** A reference from a route to its parent. */
export type ParentReference = z.infer<typeof parentReference>;

const parentKey = (ref: ParentReference): string => JSON.stringify([ref.group, ref.kind, ref.namespace, ref.name, ref.sectionName, ref.port]);

/** At most 32 parents, none twice. */
export const parentReferences = z
  .array(parentReference)
  .max(32)
  .refine((refs) => new Set(refs.map(parentKey)).size === refs.length, 'the same parent is named twice');

/** Where requests go; `kind` is Service unless said otherwise. */
const backendReferenceShape = {
  group: apiGroup.optional(),
  kind: kindName.optional(),
  namespace: namespaceName.optional(),
  name: objectName,
  port: port.optional(),
};

/** A reference to a Service must name its port. */
function hasNeededPort(ref: { readonly group?: string | undefined; readonly kind?: string | undefined; readonly port?: number | undefined }): boolean {
  return ref.port !== undefined || (ref.group ?? '') !== '' || (ref.kind ?? 'Service') !== 'Service';
}

/** What is said where `hasNeededPort` is false. */
const neededPort = { path: ['port'], message: 'a reference to a Service needs a port' };

/** Where requests, or copies of them, go. */
export const backendReference = z.strictObject(backendReferenceShape).refine(hasNeededPort, neededPort);

/** A reference to a Service, a Backend, or what else may take requests. */
export type BackendReference = z.infer<typeof backendReference>;

/** Where the requests of a rule go, by shares. @param filters what may be done to the requests of one share. */
export function weightedBackends<Filters extends z.ZodType>(filters: Filters) {
  const reference = z.strictObject({ ...backendReferenceShape, weight: z.int().min(0).max(1_000_000).optional(), filters: filters.optional() });
  return z.array(reference.refine(hasNeededPort, neededPort)).max(16);
}

/** A Secret by default. */
export const secretReference = z.strictObject({
  group: apiGroup.optional(),
  kind: kindName.optional(),
  namespace: namespaceName.optional(),
  name: objectName,
});

/** An object of any kind, in a namespace of its own. */
export const objectReference = z.strictObject({ group: apiGroup, kind: kindName, namespace: namespaceName.optional(), name: objectName });

/** An object of any kind in the namespace of whoever refers to it. */
export const localReference = z.strictObject({ group: apiGroup, kind: kindName, name: objectName });

const selectorRequirement = z.strictObject({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).optional(),
});

/** Which namespaces are meant, by their labels. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(selectorRequirement).optional(),
});

/** Labels that are asked for. */
export type LabelSelector = z.infer<typeof labelSelector>;
