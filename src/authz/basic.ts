/** What a client says it is. */
export interface Credentials {
  readonly user: string;
  readonly password: Buffer;
}

/** Reads `Authorization: Basic …`. Undefined where it says nothing of the kind. @see https://www.rfc-editor.org/rfc/rfc7617 */
export function basicCredentials(header: string | undefined): Credentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(':');
  return colon < 0 ? undefined : { user: bytes.toString('utf8', 0, colon), password: bytes.subarray(colon + 1) };
}
