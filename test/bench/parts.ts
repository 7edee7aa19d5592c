import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Sees to it that programs are there which benches compare with and which do not come with npm: where one is missing, its
 * package is installed.
 * @param packages of Debian, by program.
 * @throws {Error} where that does not work.
 */
export async function install(packages: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(packages)) if (!(await isThere(program))) missing.push(name);
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '--yes', '--no-install-recommends', ...missing], { env, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    throw new Error(`this test needs ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`, { cause: error });
  }
}

async function isThere(program: string): Promise<boolean> {
  try {
    await run('sh', ['-c', `PATH="$PATH:/usr/sbin"; command -v ${program}`]);
    return true;
  } catch {
    // Its status says that there is none.
    return false;
  }
}
