import { posix } from 'node:path';
import type { Json } from '../proto/codec.ts';

/** Names of files in a folder that an Envoy reads its own certificate and the authorities of Sluice from. Each holds one secret, as Envoy wants it. */
export const envoySecretFiles = { certificate: 'certificate.json', authority: 'authority.json' } as const;

/** PEM texts. */
export interface ClientPem {
  readonly certificate: string;
  readonly key: string;
  /** Authorities that the server's certificate is checked against. */
  readonly authority: string;
}

/**
 * The files by name, in the form of Envoy's secret discovery. Certificate and key are in one, so that it is replaced at once.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret#certificate-rotation-for-xds-grpc-connection
 */
export function envoySecrets({ certificate, key, authority }: ClientPem): Readonly<Record<string, Json>> {
  const pair = { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } };
  return {
    [envoySecretFiles.certificate]: secret('certificate', { tls_certificate: pair }),
    [envoySecretFiles.authority]: secret('authority', { validation_context: { trusted_ca: { inline_string: authority } } }),
  };
}

/** Refers to such a file; Envoy reads it again when something is moved into its folder. */
export function envoySecretConfig(folder: string, name: keyof typeof envoySecretFiles): Json {
  const path = posix.join(folder, envoySecretFiles[name]);
  return { name, sds_config: { resource_api_version: 'V3', path_config_source: { path, watched_directory: { path: folder } } } };
}

function secret(name: string, content: Readonly<Record<string, Json>>): Json {
  return { resources: [{ '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', name, ...content }] };
}
