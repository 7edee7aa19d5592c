import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version that Sluice is tested with, and that the launcher fetches. */
export const wantedEnvoy = '1.40.0';

/** The oldest version that is accepted: the oldest one that Envoy itself still mends when 1.40 is new. @see https://github.com/envoyproxy/envoy/blob/main/RELEASES.md */
export const oldestEnvoy = '1.37.0';

/**
 * `1.40.0`, as the binary says of itself.
 * @throws {Error} where the file cannot be run on this machine or does not answer as Envoy does.
 */
export async function envoyVersion(binary: string): Promise<string> {
  const { stdout } = await run(binary, ['--version'], { timeout: 20_000 });
  const version = /\bversion: [0-9a-f]*\/(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${binary} --version does not answer as Envoy does`);
  return version;
}

/** Whether a version is new enough for the configuration that Sluice makes. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestEnvoy.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
