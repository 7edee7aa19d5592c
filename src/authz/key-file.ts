import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sealingKeyBytes } from '../sealing.ts';

/**
 * The key that the control plane and the auth service share. The first of them that comes makes it, readable by its user alone.
 * @throws {Error} where the file can neither be read nor made, or holds something else.
 */
export function authzKeyIn(file: string): Buffer {
  const key = read(file) ?? made(file);
  if (key.length !== sealingKeyBytes) throw new Error(`${file} does not hold a key of the auth service: ${sealingKeyBytes} bytes`);
  return key;
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** By a link, so that the other one never reads half of it, and both have the same. */
function made(file: string): Buffer {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, randomBytes(sealingKeyBytes), { mode: 0o600 });
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readFileSync(file);
}
