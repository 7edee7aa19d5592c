import { readFileSync } from 'node:fs';
import { reasonOf } from '../reason.ts';
import type { History } from '../revision/history.ts';
import { createStateFolder, type StateFolderOptions } from '../state/folder.ts';
import { createMemoryHistory } from '../state/memory.ts';
import { type SecretKey, secretKeyOf } from '../state/secret-key.ts';

/** The history of a server. A folder that cannot be used is told by its diagnostics: serving does not depend on it. @param stateDir undefined: in memory. */
export function openHistory(stateDir: string | undefined, options: StateFolderOptions): History {
  return stateDir === undefined ? createMemoryHistory(options) : createStateFolder(stateDir, options);
}

/** The key of the state folder. @throws {Error} where the file holds none. */
export function stateKeyIn(file: string): SecretKey {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new Error(`--state-key-file ${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  const key = secretKeyOf(content);
  if (!key) throw new Error(`--state-key-file ${file} does not hold 32 bytes, plain, in hexadecimal or in base64; make one: openssl rand -hex 32`);
  return key;
}
