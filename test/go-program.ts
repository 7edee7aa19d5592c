import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findGo } from '../bench/go.ts';

/**
 * Path of a program in Go that a test needs: built once, and kept in the cache under what it was built of. Its modules come from the module
 * proxy, with the hashes of go.sum.
 * @param module folder with the go.mod.
 * @param program what is built: `.`, or a package of a module that go.mod names.
 * @throws {Error} with what Go said.
 */
export async function goProgram(module: string, program: string): Promise<string> {
  const sources = globSync('{go.mod,go.sum,*.go}', { cwd: module }).sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(name).update(readFileSync(join(module, name)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const path = join(cache, 'sluice', 'go-programs', hash.update(program).digest('hex').slice(0, 16));
  if (existsSync(path)) return path;
  const progress = (line: string): void => console.error(line);
  const go = await findGo(progress);
  progress(`building ${program} of ${module}; this takes minutes, once …`);
  await mkdir(dirname(path), { recursive: true });
  const work = await mkdtemp(join(dirname(path), '.building-'));
  try {
    const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false', CGO_ENABLED: '0' };
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(work, 'program'), program];
    await promisify(execFile)(go, args, { cwd: module, env, maxBuffer: 16 * 1024 * 1024 });
    // Another process may have been faster, with the same bytes.
    await rename(join(work, 'program'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return path;
}
