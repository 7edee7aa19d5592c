import type { FieldPath, Stored } from '../store/stored.ts';

/** The text under a key of a Secret; `stringData` wins over `data`, as the API server writes one into the other. Undefined: no such key. */
export function secretText(secret: Stored<'Secret'>, key: string): string | undefined {
  const plain = secret.object.stringData?.[key];
  if (plain !== undefined) return plain;
  const encoded = secret.object.data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** Where `secretText` reads a key, also where it is missing. */
export function secretField(secret: Stored<'Secret'>, key: string): FieldPath {
  return [secret.object.stringData?.[key] === undefined ? 'data' : 'stringData', key];
}
