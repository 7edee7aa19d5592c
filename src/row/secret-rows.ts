import { X509Certificate } from 'node:crypto';
import type { Origin } from '../diagnostic.ts';
import { decode } from '../proto/codec.ts';
import type { Message } from '../proto/message.ts';
import type { Resource, Snapshot } from '../resource.ts';

/** One secret as it is served: only what a client of the server sees of it anyway (promise 13). */
export interface SecretRow {
  readonly group: string;
  readonly name: string;
  /** `certificate`: a chain with its key; `authority`: what peers are checked against; `ticket keys`: what tickets of TLS sessions are sealed with; `generic`: a text that a filter reads. */
  readonly type: 'certificate' | 'authority' | 'ticket keys' | 'generic' | 'other';
  /** The certificate itself, then the rest of its chain; or every authority. Empty where the text cannot be read. */
  readonly certificates: readonly CertificateRow[];
  readonly origins: readonly Origin[];
}

interface CertificateRow {
  /** `CN=shop.example.com`, parts separated by `, `. */
  readonly subject: string;
  /** Names that the certificate holds for, as `DNS:shop.example.com`. */
  readonly names: readonly string[];
  /** SHA-256 over the certificate, upper-case hexadecimal with colons, as browsers and openssl print it. */
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** The secrets of a snapshot, without their values. */
export function secretRows(snapshot: Snapshot): readonly SecretRow[] {
  return [...snapshot.resources.secrets.values()].map((resource) => secretRow(snapshot.group, resource));
}

function secretRow(group: string, { name, bytes, origins }: Resource): SecretRow {
  const secret = decode('envoy.extensions.transport_sockets.tls.v3.Secret', bytes);
  // The key is never taken out of the message.
  const source = secret.tls_certificate?.certificate_chain ?? secret.validation_context?.trusted_ca;
  return {
    group,
    name,
    type: typeOf(secret),
    certificates: certificateRows(textOf(source)),
    origins,
  };
}

function typeOf(secret: Message<'envoy.extensions.transport_sockets.tls.v3.Secret'>): SecretRow['type'] {
  if (secret.tls_certificate) return 'certificate';
  if (secret.validation_context) return 'authority';
  if (secret.session_ticket_keys) return 'ticket keys';
  return secret.generic_secret ? 'generic' : 'other';
}

function textOf(source: Message<'envoy.config.core.v3.DataSource'> | null | undefined): string {
  if (source?.inline_string !== undefined) return source.inline_string;
  if (source?.inline_bytes === undefined) return '';
  return typeof source.inline_bytes === 'string' ? Buffer.from(source.inline_bytes, 'base64').toString() : Buffer.from(source.inline_bytes).toString();
}

function certificateRows(pem: string): readonly CertificateRow[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].flatMap(([block]) => {
    try {
      const certificate = new X509Certificate(block);
      return [
        {
          subject: certificate.subject?.split('\n').join(', ') ?? '',
          names: certificate.subjectAltName?.split(', ') ?? [],
          fingerprint: certificate.fingerprint256,
          notBefore: certificate.validFromDate.toISOString(),
          notAfter: certificate.validToDate.toISOString(),
        },
      ];
    } catch {
      // Not a certificate: a diagnostic of the translation says so; the row shows none, which is what there is.
      return [];
    }
  });
}
