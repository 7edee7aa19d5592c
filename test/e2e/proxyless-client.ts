import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a client counted since it was started: good answers by endpoint, failures by their words. */
export interface CallCounts {
  readonly answered: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
}

/** A gRPC client that speaks xDS itself, in a process of its own: the one of the example. `await using` ends it. */
export interface ProxylessClient extends AsyncDisposable {
  now(): CallCounts;
  /** What it wrote to its standard error. */
  complaints(): string;
}

const script = join(import.meta.dirname, '../../examples/proxyless-grpc/client.ts');

/** Starts a client that makes 200 calls a second. @param words more options of the script. @param env more variables. */
export function startProxylessClient(xdsAddress: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): ProxylessClient {
  const options = ['--xds', xdsAddress, '--rate', '200', '--every', '50', ...words];
  const child: ChildProcess = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let counts: CallCounts = { answered: {}, failed: {} };
  let complaints = '';
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      counts = JSON.parse(line) as CallCounts;
    });
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return {
    now: () => counts,
    complaints: () => complaints,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
}
