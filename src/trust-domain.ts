/** Trust domain where none is given; `sluice certificates` writes it too. */
export const defaultTrustDomain = 'sluice';

/**
 * What the certificate of a client says for the clients of a group: `spiffe://TRUST-DOMAIN/group/GROUP`.
 * @see https://spiffe.io/docs/latest/spiffe-about/spiffe-concepts/
 */
export function groupUri(trustDomain: string, group: string): string {
  return `spiffe://${trustDomain}/group/${group.split('/').map(encodeURIComponent).join('/')}`;
}

/** What that of a tool says that asks what all clients have. */
export function adminUri(trustDomain: string): string {
  return `spiffe://${trustDomain}/admin`;
}
