import { formatAddress } from '../address.ts';
import type { Json } from '../proto/codec.ts';
import type { BootstrapOptions, XdsTlsFiles } from './bootstrap.ts';

/** `tls` undefined: plain text. */
type GrpcBootstrapOptions = Pick<BootstrapOptions, 'node' | 'group' | 'xds' | 'zone'> & { readonly tls?: XdsTlsFiles };

/**
 * What a gRPC client that speaks xDS itself starts with. The grpc-js client wants a locality, also an empty one, and knows no
 * TLS to the server; the others read certificates from files.
 * @see https://grpc.github.io/grpc/core/md_doc_grpc_xds_bootstrap_format.html
 */
export function grpcBootstrap({ node, group, xds, zone, tls }: GrpcBootstrapOptions): Json {
  const credentials: Json = tls
    ? {
        type: 'tls',
        config: {
          ca_certificate_file: tls.ca,
          ...(tls.client === undefined ? {} : { certificate_file: tls.client.certificate, private_key_file: tls.client.key }),
        },
      }
    : { type: 'insecure' };
  return {
    xds_servers: [{ server_uri: formatAddress(xds), channel_creds: [credentials], server_features: ['xds_v3'] }],
    node: { id: node, cluster: group, locality: zone === undefined ? {} : { zone } },
  };
}
