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

/** The port as written that a name of `listenerName` holds; undefined for the name that a gRPC client dials. */
export function writtenPortIn(listener: string): number | undefined {
  const [, port] = /\/(\d+)$/.exec(listener) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** `NAMESPACE/NAME` of a Secret that holds a certificate and its key. */
export function certificateName(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** A set of authorities, from the objects (`configmap/NAMESPACE/NAME`, `secret/NAMESPACE/NAME`) that hold them. */
export function authorityName(objects: readonly string[]): string {
  return `authority/${[...objects].sort().join('+')}`;
}

/** The key for tickets of TLS sessions in a ConfigMap. */
export function ticketKeysName(namespace: string, name: string): string {
  return `ticket-keys/${namespace}/${name}`;
}

/** Cluster of the auth service. */
export const authzCluster = 'sluice/authz';

/** Group of the Envoys that stand beside a Service's pods. */
export function sidecarGroup(namespace: string, service: string): string {
  return `sidecar/${namespace}/${service}`;
}

/** Group of the Envoys that serve one Gateway and no other. No GatewayConfig can name it: its `group` holds no slash. */
export function gatewayGroup(namespace: string, gateway: string): string {
  return `gateway/${namespace}/${gateway}`;
}

/**
 * The parts of the name of a group of gRPC clients that speak xDS themselves: `grpc/NAMESPACE` for those of a namespace,
 * `grpc/NAMESPACE/SERVICE` for those that are the pods of a Service and reach what its Sidecar says. Undefined for other names.
 */
export function grpcGroupParts(group: string): { readonly namespace: string; readonly service?: string } | undefined {
  const [kind, namespace, service, more] = group.split('/');
  if (kind !== 'grpc' || !namespace || service === '' || more !== undefined) return undefined;
  return { namespace, ...(service === undefined ? {} : { service }) };
}

/** Cluster name of a share that cannot be resolved; never defined for Envoys, which answer its requests with 500. gRPC clients get it without endpoints. */
export const unresolvedCluster = 'sluice/unresolved';

/** Names that routes may use although no cluster has them, because an error is what they are meant to give. */
export const undefinedClusters: ReadonlySet<string> = new Set([unresolvedCluster]);

/** Secret of every group that holds the keys of its sessions. No object has this name: it has no namespace. */
export const sessionKeysName = 'sluice-session-keys';

/** Name of the secret with the certificate of host names that have none. */
export const ownCertificateName = 'sluice-default-certificate';

/** Header with the name that the connection asked for (SNI), for routes; backends do not see it. */
export const serverNameHeader = 'x-sluice-server-name';

/** Header in which routes find the subject of the client's certificate (RFC 2253), where a listener asks for certificates; backends do not get it. */
export const clientSubjectHeader = 'x-sluice-client-subject';

/** Dynamic metadata of a request with where its client comes from, on listeners that look it up: `country`, `region`, `city`, `asn`. */
export const placesPlace = 'sluice.places';

/** Metadata of routes with words that access logs may say. */
export const logWordsPlace = 'sluice.log';

/** Dynamic metadata of a request with what became of the question whether it may go on: `status` and `seconds`, where the route wants them in the log. */
export const approvalPlace = 'sluice.approval';

/** What Envoy says where a cluster has no endpoints. */
export const noEndpoint = 'no healthy upstream';
