import type { Secret } from '../ir/secret.ts';
import type { Resource } from '../resource.ts';
import { resource } from './encode.ts';

/**
 * A certificate with its key, or a set of authorities, as listeners and clusters ask for it by SDS.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
 */
export function secretResource(secret: Secret): Resource {
  const content =
    secret.type === 'certificate'
      ? { tls_certificate: { certificate_chain: { inline_string: secret.certificateChainPem }, private_key: { inline_string: secret.privateKeyPem } } }
      : { validation_context: { trusted_ca: { inline_string: secret.authoritiesPem } } };
  return resource('secrets', secret.name, { name: secret.name, ...content }, secret.origins);
}
