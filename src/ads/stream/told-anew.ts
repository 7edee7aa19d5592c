import { decode, encode } from '../../proto/codec.ts';
import { messageNameOf, type Resource, versionOf } from '../../resource.ts';

const message = messageNameOf('secrets');

/**
 * A secret in other bytes that mean the same: with empty lines after its certificates. Envoy notes what it is told of a secret before it
 * finds that it cannot use it; the same bytes again are no news to it then, which it acknowledges, whatever is in them. A secret
 * of another kind, which Envoy does not look into, stays as it is.
 * @param times how many empty lines: another number for each time that it is told anew.
 */
export function toldAnew(secret: Resource, times: number): Resource {
  const content = decode(message, secret.bytes);
  const lines = '\n'.repeat(times);
  for (const pem of [content.tls_certificate?.certificate_chain, content.validation_context?.trusted_ca]) {
    if (typeof pem?.inline_string !== 'string') continue;
    pem.inline_string += lines;
    const bytes = encode(message, content);
    return { ...secret, bytes, version: versionOf(bytes) };
  }
  return secret;
}
