import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Distributions put it where the PATH of users does not look. */
const usual = ['/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin'];

/**
 * Path of an nginx.
 * @throws {Error} with the command that brings it, where there is none.
 */
export function findNginx(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...usual];
  const found = folders.map((folder) => join(folder, 'nginx')).find((file) => existsSync(file));
  if (found === undefined) throw new Error('the bench needs nginx: apt-get install nginx-light');
  return found;
}

export async function nginxVersion(binary: string): Promise<string> {
  const { stderr } = await run(binary, ['-v']);
  return /nginx\/(\S+)/.exec(stderr)?.[1] ?? stderr.trim();
}
