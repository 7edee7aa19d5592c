import type { Secret } from '../ir/secret.ts';
import type { Message } from '../proto/message.ts';
import type { Resource } from '../resource.ts';
import { resource } from './encode.ts';

/**
 * A certificate with its key, a set of authorities, or a text, as listeners and clusters ask for it by SDS.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
 */
export function secretResource(secret: Secret): Resource {
  return resource('secrets', secret.name, { name: secret.name, ...contentOf(secret) }, secret.origins);
}

function contentOf(secret: Secret): Message<'envoy.extensions.transport_sockets.tls.v3.Secret'> {
  switch (secret.type) {
    case 'certificate':
      return { tls_certificate: { certificate_chain: { inline_string: secret.certificateChainPem }, private_key: { inline_string: secret.privateKeyPem } } };
    case 'authority':
      return {
        validation_context: {
          trusted_ca: { inline_string: secret.authoritiesPem },
          ...(secret.revocationsPem !== undefined && { crl: { inline_string: secret.revocationsPem } }),
        },
      };
    case 'generic':
      return { generic_secret: { secret: { inline_string: secret.text } } };
  }
}
