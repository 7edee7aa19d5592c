import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChildren } from '../../src/launch/children.ts';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { sessionKeys } from '../../src/xds/filter/session-keys.ts';
import type { Loose } from '../static-bootstrap.ts';
import { http } from './client.ts';
import { waitFor } from './wait.ts';

/** Runs an Envoy on a bootstrap of its own, without a server, until the disposal; resolves when every port answers. */
export async function startStaticEnvoy(bootstrap: Loose, ports: readonly number[]): Promise<AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-static-'));
  const children = createChildren();
  async function close(): Promise<void> {
    await children.stop();
    await rm(root, { recursive: true, force: true });
  }
  try {
    const config = join(root, 'bootstrap.json');
    const logFile = join(root, 'envoy.log');
    await writeFile(config, JSON.stringify(withoutSecretFilters(bootstrap)));
    const command = await findEnvoy({ env: process.env, progress: (line) => console.error(line) });
    const args = ['-c', config, '--disable-hot-restart', '--concurrency', '1', '-l', 'error'];
    const envoy = children.start({ command, args, logFile });
    for (const port of ports) {
      await waitFor(`Envoy answers on ${port}`, async () => {
        assert.ok(envoy.isRunning(), await readFile(logFile, 'utf8'));
        return await http(port, '/');
      });
    }
    return { [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without a server nobody gives the secret that listeners wait for, so the filter that asks for it is left out of all chains. */
export function withoutSecretFilters(part: Loose): Loose {
  if (Array.isArray(part)) return part.filter((one) => one?.name !== sessionKeys.name).map(withoutSecretFilters);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withoutSecretFilters(value)]));
}
