import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Says to this program that it runs inside of a network namespace of its own. */
const marker = 'SLUICE_BENCH_NAMESPACE';

/**
 * Loopback up, and no pacing: BBR holds back what goes over loopback, 5 to 40 ms where a push has 30 kB or more. Every address of
 * 10.250.0.0/16 is of this machine, as Kubernetes has no endpoints on loopback.
 */
const enter = 'ip link set lo up && ip route add local 10.250.0.0/16 dev lo && echo reno > /proc/sys/net/ipv4/tcp_congestion_control && exec "$@"';

/** How loopback is set up where the servers and the clients meet. */
export interface NetworkSetting {
  readonly ownNamespace: boolean;
  readonly congestionControl: string;
}

export function networkSetting(): NetworkSetting {
  return { ownNamespace: process.env[marker] !== undefined, congestionControl: readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim() };
}

/**
 * Runs this program again inside of a network namespace of its own, which ends with it.
 * @returns its exit status. Undefined: it is inside already, or this machine does not let us make one.
 */
export async function runInNamespace(words: readonly string[], env: Readonly<Record<string, string>>): Promise<number | undefined> {
  if (process.env[marker] !== undefined) return undefined;
  const unshare = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];
  const command = (...what: readonly string[]): readonly string[] => [...unshare, '/bin/sh', '-c', enter, 'sh', ...what];
  if (spawnSync('unshare', command('true'), { stdio: 'ignore' }).status !== 0) return undefined;
  // Its standard input is a pipe from us: when we are killed it ends, and so does the run.
  const child = spawn('unshare', command(process.execPath, ...words), {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ...env, [marker]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
}

/** Aborts when whoever started the run inside of a namespace is gone. */
export function endWithParent(controller: AbortController): void {
  if (process.env[marker] === undefined) return;
  process.stdin.on('close', () => controller.abort(new Error('whoever started the bench is gone')));
  process.stdin.resume().unref();
}
