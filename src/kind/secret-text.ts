/** The part of a Secret that holds its values. */
export interface SecretValues {
  readonly data?: Readonly<Record<string, string>> | null | undefined;
  readonly stringData?: Readonly<Record<string, string>> | null | undefined;
}

/** The text under a key of a Secret; `stringData` wins over `data`, as the API server writes one into the other. Undefined: no such key. */
export function secretText(secret: SecretValues, key: string): string | undefined {
  return secretBytes(secret, key)?.toString('utf8');
}

/** The same as bytes, for what is no text. */
export function secretBytes(secret: SecretValues, key: string): Buffer | undefined {
  const plain = secret.stringData?.[key];
  if (plain !== undefined) return Buffer.from(plain);
  const encoded = secret.data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

/** Where these read a key, also where it is missing. */
export function secretField(secret: SecretValues, key: string): readonly [string, string] {
  return [secret.stringData?.[key] === undefined ? 'data' : 'stringData', key];
}
