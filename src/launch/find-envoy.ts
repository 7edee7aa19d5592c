import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { reasonOf } from '../reason.ts';
import { envoyVersion, isNewEnough, oldestEnvoy, wantedEnvoy } from './envoy-version.ts';
import { type FindEnvoyOptions, fetchEnvoy } from './fetch-envoy.ts';
import { LaunchError } from './launch-error.ts';

/**
 * Path of an Envoy that can be run here: what SLUICE_ENVOY names, else `envoy` on PATH, else the one in our cache, else one
 * fetched into the cache. Only the last of these touches the network.
 * @throws {LaunchError} with the ways out, where there is none.
 */
export async function findEnvoy(options: FindEnvoyOptions): Promise<string> {
  const named = options.env['SLUICE_ENVOY'];
  if (named) return namedEnvoy(resolve(named));
  return (await envoyOnPath(options)) ?? (await envoyInCache(options)) ?? fetchEnvoy(cachedEnvoy(options.env), options);
}

/** Where the fetched binary is kept; by platform, since home directories may be shared between machines. */
export function cachedEnvoy(env: Readonly<Record<string, string | undefined>>): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'sluice', 'envoy', wantedEnvoy, `${process.platform}-${process.arch}`, 'envoy');
}

async function namedEnvoy(binary: string): Promise<string> {
  const remedy = 'Let SLUICE_ENVOY name the Envoy binary itself, or unset it and Sluice finds or fetches one.';
  if (!isExecutable(binary)) throw new LaunchError(`SLUICE_ENVOY is ${binary}, which is not a file that can be run`, remedy);
  let version: string;
  try {
    version = await envoyVersion(binary);
  } catch (error) {
    throw new LaunchError(`SLUICE_ENVOY is ${binary}, which does not run as Envoy: ${firstLine(error)}`, remedy, error);
  }
  if (!isNewEnough(version)) {
    throw new LaunchError(`SLUICE_ENVOY is ${binary}, an Envoy ${version}; Sluice needs ${oldestEnvoy} or newer`, remedy);
  }
  return binary;
}

async function envoyOnPath({ env, progress }: FindEnvoyOptions): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const binary = join(folder, 'envoy');
    if (!isExecutable(binary)) continue;
    try {
      const version = await envoyVersion(binary);
      if (isNewEnough(version)) {
        if (!sameMinor(version)) progress(`${binary} is Envoy ${version}; Sluice is tested with ${wantedEnvoy}`);
        return binary;
      }
      progress(`${binary} is Envoy ${version}, older than ${oldestEnvoy}: not used`);
    } catch (error) {
      progress(`${binary} does not run as Envoy, not used: ${firstLine(error)}`);
    }
  }
  return undefined;
}

async function envoyInCache({ env, progress }: FindEnvoyOptions): Promise<string | undefined> {
  const binary = cachedEnvoy(env);
  if (!isExecutable(binary)) return undefined;
  try {
    await envoyVersion(binary);
    return binary;
  } catch (error) {
    progress(`${binary} does not run, it is fetched again: ${firstLine(error)}`);
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, not ours to read, or not to be run: no candidate in each case.
    return false;
  }
}

function sameMinor(version: string): boolean {
  return version.split('.').slice(0, 2).join('.') === wantedEnvoy.split('.').slice(0, 2).join('.');
}

function firstLine(error: unknown): string {
  return reasonOf(error).split('\n')[0] ?? '';
}
