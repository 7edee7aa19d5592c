import { randomBytes } from 'node:crypto';
import type { KeyStore } from './key-store.ts';

/** What replicas and auth services share besides certificates: texts by name. */
const sharedKeys = {
  /** What the admin API asks for. */
  token: 'admin-token',
  /** What secrets are sealed with in the state folder. */
  state: 'state.key',
  /** What passwords are sealed with on their way to the auth service. */
  authz: 'authz.key',
} as const;

/**
 * Makes those that are missing. They stay: with a new one, stored secrets could not be read, and paths with passwords would
 * answer 503 until everybody has it.
 * @returns names of the new ones.
 */
export async function makeSharedKeys(store: KeyStore): Promise<readonly string[]> {
  const names = Object.values(sharedKeys);
  const held = await store.read('keys', names);
  const missing = names.filter((name) => !held[name]);
  // 32 characters, which are the 32 bytes that a key has, and text wherever it is shown: 192 bits of them are drawn.
  await store.write('keys', Object.fromEntries(missing.map((name) => [name, randomBytes(24).toString('base64url')])));
  return missing;
}
