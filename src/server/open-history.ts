import { readFileSync } from 'node:fs';
import type { History } from '../revision/history.ts';
import { createStateFolder, type StateFolderOptions } from '../state/folder.ts';
import { createMemoryHistory } from '../state/memory.ts';
import { type SecretKey, secretKeyOf } from '../state/secret-key.ts';

/** Where revisions are kept. */
interface HistoryPlace {
  /** Undefined: in memory. */
  readonly stateDir?: string;
  readonly stateKeyFile?: string;
}

/** The history of a server. A folder that cannot be used is told by its diagnostics: serving does not depend on it. @throws {Error} where the key is none. */
export function openHistory({ stateDir, stateKeyFile }: HistoryPlace, options: Pick<StateFolderOptions, 'clock' | 'log' | 'onFailure'>): History {
  if (stateDir === undefined) return createMemoryHistory(options);
  return createStateFolder(stateDir, stateKeyFile === undefined ? options : { ...options, key: keyIn(stateKeyFile) });
}

function keyIn(file: string): SecretKey {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new Error(`--state-key-file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const key = secretKeyOf(content);
  if (!key) throw new Error(`--state-key-file ${file} does not hold 32 bytes, plain, in hexadecimal or in base64; make one: openssl rand -hex 32`);
  return key;
}
