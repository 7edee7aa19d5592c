import type { PeerCertificate } from 'node:tls';
import { groupUri } from '../trust-domain.ts';

/** Who a client is by the certificate that it showed, after the server has checked that it trusts it. */
export interface ClientIdentity {
  /** Distinguished name: `CN=edge-1`; `''` where it has none. */
  readonly subject: string;
  /** The URIs among the alternative names. */
  readonly uris: readonly string[];
}

/** What is read of the certificate of a client. */
export function identityOf({ subject, subjectaltname }: PeerCertificate): ClientIdentity {
  const parts = Object.entries(subject ?? {}).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}=${each}`));
  return { subject: parts.join(', '), uris: urisIn(subjectaltname ?? '') };
}

/** When a certificate ends, in milliseconds since 1970. */
export const validUntil = ({ valid_to: text }: PeerCertificate): number => Date.parse(text);

/**
 * Node joins the alternative names by `, ` and writes each as `KIND:VALUE`, a value that could be mistaken for more than one as
 * a JSON string. Such a value is left out: no group has a name like that.
 * @see https://nodejs.org/api/tls.html#certificate-object
 */
function urisIn(names: string): readonly string[] {
  const values = names.matchAll(/(?:^|, )(\w[\w ]*):("(?:[^"\\]|\\.)*"|[^,"]*)/g);
  return [...values].flatMap(([, kind, value = '']) => (kind === 'URI' && !value.startsWith('"') ? [value] : []));
}

/**
 * Whether a certificate names a group. URIs are compared as they are written: nothing is decoded and no path resolved, so that
 * there is one way only to name a group, and nothing for an issuer of certificates to overlook.
 */
export function speaksFor({ uris }: ClientIdentity, trustDomain: string, group: string): boolean {
  return uris.includes(groupUri(trustDomain, group));
}
