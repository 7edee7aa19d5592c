/** Identities of what Envoy is given. They never hold a position in a list, so that reordering and inserting rules renames nothing. */

/**
 * `NAMESPACE/SERVICE/PORT`, with `~VARIANT` where one Service needs several clusters. The content of a BackendPolicy is never in the name.
 * For a Backend object SERVICE is `backend:NAME`, since a Service may have the same name.
 */
export function backendName(namespace: string, service: string, port: string | number, variant?: string): string {
  const name = `${namespace}/${service}/${port}`;
  return variant === undefined ? name : `${name}~${variant}`;
}

/** `GROUP/PORT`, the port as written. */
export function routeConfigurationName(group: string, writtenPort: number): string {
  return `${group}/${writtenPort}`;
}

/** `GROUP/PORT`, as the route configuration that it asks for. */
export function listenerName(group: string, writtenPort: number): string {
  return `${group}/${writtenPort}`;
}

/** `NAMESPACE/NAME` of a Secret that holds a certificate and its key. */
export function certificateName(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** A set of authorities, from the objects (`configmap/NAMESPACE/NAME`, `secret/NAMESPACE/NAME`) that hold them. */
export function authorityName(objects: readonly string[]): string {
  return `authority/${[...objects].sort().join('+')}`;
}

/** Group of the Envoys that stand beside a Service's pods. */
export function sidecarGroup(namespace: string, service: string): string {
  return `sidecar/${namespace}/${service}`;
}

/** Cluster name of a share that cannot be resolved; never defined, its requests are answered with 500. */
export const unresolvedCluster = 'sluice/unresolved';
