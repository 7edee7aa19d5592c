import { ownCertificateName } from '../ir/names.ts';
import type { Secret } from '../ir/secret.ts';
import { memoized } from '../memo/memoized.ts';
import type { Message } from '../proto/message.ts';
import type { Resource } from '../resource.ts';
import { resource } from './encode.ts';

/**
 * A certificate with its key, a set of authorities, a key for tickets, or a text, as listeners and clusters ask for it by SDS. The same object for the same secret.
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
 */
export const secretResource = memoized((secret: Secret): Resource => {
  const made = resource('secrets', secret.name, { name: secret.name, ...contentOf(secret) }, secret.origins);
  return secret.name === ownCertificateName ? { ...made, version: ownCertificateVersion } : made;
});

/**
 * Each server makes another certificate at its start, and one is as good as another: an Envoy that comes from another replica, or
 * comes back after a restart, keeps the one that it has.
 */
const ownCertificateVersion = 'own-certificate';

function contentOf(secret: Secret): Message<'envoy.extensions.transport_sockets.tls.v3.Secret'> {
  switch (secret.type) {
    case 'certificate':
      return {
        tls_certificate: {
          certificate_chain: { inline_string: secret.certificateChainPem },
          private_key: { inline_string: secret.privateKeyPem },
          ...(secret.ocspStaple && { ocsp_staple: { inline_bytes: Buffer.from(secret.ocspStaple) } }),
        },
      };
    case 'authority':
      return {
        validation_context: {
          trusted_ca: { inline_string: secret.authoritiesPem },
          ...(secret.revocationsPem !== undefined && { crl: { inline_string: secret.revocationsPem } }),
        },
      };
    case 'ticketKeys':
      return { session_ticket_keys: { keys: [{ inline_bytes: Buffer.from(secret.key) }] } };
    case 'generic':
      return { generic_secret: { secret: { inline_string: secret.text } } };
  }
}
