import { spawn } from 'node:child_process';
import { findEnvoy } from '../../src/launch/find-envoy.ts';
import { kubernetesProgram } from '../apiserver/program.ts';

/** Says to a test file that it runs inside of a network namespace of its own. */
const marker = 'SLUICE_TEST_NAMESPACE';

/** Addresses of pods: an EndpointSlice must not hold those of loopback. */
const enter = 'ip link set lo up && ip route add local 10.250.0.0/16 dev lo && exec "$@"';

export const isInNamespace = process.env[marker] !== undefined;

/**
 * Runs a test file again inside of a network namespace, where every address of 10.250.0.0/16 is of this machine.
 * @throws {Error} with what it printed, where a test in it fails or the machine lets nobody make one: such a test fails rather than passing without having run.
 */
export async function runInNamespace(file: string): Promise<void> {
  // What is fetched is fetched out here.
  await Promise.all([kubernetesProgram(), findEnvoy({ env: process.env, progress: (line) => console.error(line) })]);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const unshare = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
  const child = spawn('unshare', [...unshare, '/bin/sh', '-c', enter, 'sh', process.execPath, '--test', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, [marker]: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (status !== 0) throw new Error(`in a network namespace (it needs Linux, and root or user namespaces):\n${output}`);
}
