import { createHash } from 'node:crypto';

/** An object as it is applied: all that Sluice says of it, and nothing else. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: ManifestKind;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly [OwnerReference];
  };
  readonly [field: string]: unknown;
}

/** Whose object it is. Without `blockOwnerDeletion`, for which one needs rights to the owner. */
interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

/** Kinds of what is made for a Gateway, in the order in which it is: what pods need comes before them. */
export const manifestKinds = {
  ServiceAccount: { apiVersion: 'v1', plural: 'serviceaccounts' },
  Secret: { apiVersion: 'v1', plural: 'secrets' },
  Service: { apiVersion: 'v1', plural: 'services' },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', plural: 'networkpolicies' },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
  PodDisruptionBudget: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
} as const;

export type ManifestKind = keyof typeof manifestKinds;

/** Annotation with the hash of all that was said of an object: what is said no more is seen by it. */
const contentAnnotation = 'gateway.sluice.dev/content';

/** The manifest with the hash of its content. */
export function sealed(manifest: Manifest): Manifest {
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
  const { metadata } = manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata.annotations, [contentAnnotation]: hash } } };
}

/** The hash of a sealed manifest. */
export const contentOf = ({ metadata }: Manifest): string => metadata.annotations[contentAnnotation] ?? '';

/** Path of the objects of a kind in the API. @param namespace undefined: in all. */
export function collectionPath(kind: ManifestKind, namespace?: string): string {
  const { apiVersion, plural } = manifestKinds[kind];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
}
