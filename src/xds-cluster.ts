/** Name of the cluster in a bootstrap of Sluice by which its Envoy reaches it: by gRPC, with the TLS of xDS. */
export const xdsCluster = 'sluice-xds';
