import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/**
 * Builds Sluice as it is shipped, where that was not done before: from the sources it also holds what takes the types away.
 * @param folder of the run.
 * @returns the program, for Node.
 */
export async function shippedSluice(folder: string): Promise<string> {
  const shipped = join(folder, 'sluice');
  const program = join(shipped, 'bin', 'sluice.js');
  if (existsSync(program)) return program;
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', join(shipped, 'dist')]);
  const generated = join('proto', 'gen');
  for (const name of await readdir(join(root, 'src', generated))) {
    if (name.endsWith('.json')) await cp(join(root, 'src', generated, name), join(shipped, 'dist', generated, name));
  }
  await symlink(join(root, 'node_modules'), join(shipped, 'node_modules'));
  await cp(join(root, 'package.json'), join(shipped, 'package.json'));
  await cp(join(root, 'bin'), join(shipped, 'bin'), { recursive: true });
  return program;
}
