import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LoadOptions {
  /** Path of cmd/load. */
  readonly binary: string;
  readonly port: number;
  readonly protocol: 'http1' | 'http2' | 'grpc';
  readonly tls: boolean;
  readonly host: string;
  readonly paths: readonly string[];
  /** Requests a second; 0: each connection sends the next when it has its answer. */
  readonly rate: number;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** One request that was not answered as it should be. */
export interface Failure {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** Since the load began. */
  readonly atMs: number;
  readonly why: string;
  /** An answer of the proxy; else the client has none. */
  readonly byProxy: boolean;
}

/** Milliseconds from when a request was due until its answer was there. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What the client says at the end. */
export interface LoadResult {
  readonly sent: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
  /** Connections that the proxy ended, politely or not. */
  readonly closed: number;
  readonly latencyMs: Latency;
  /** Good answers of each second by backend. */
  readonly byBackend: Readonly<Record<string, readonly number[]>>;
  readonly p99EachSecondMs: readonly number[];
}

/** Load that goes on. */
export interface Load {
  /** Sends no more, waits for the answers that are due. */
  finish(): Promise<LoadResult>;
}

/**
 * Starts the client; resolves when the proxy answers and the load begins.
 * @throws {Error} where it does not answer.
 */
export async function startLoad({ binary, port, protocol, tls, host, paths, rate, connections, signal }: LoadOptions): Promise<Load> {
  const where = ['-target', `127.0.0.1:${port}`, '-protocol', protocol, '-host', host, '-paths', paths.join(','), ...(tls ? ['-tls'] : [])];
  const child = spawn(binary, [...where, '-rate', String(rate), '-connections', String(connections)], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  // An aborted run says so itself.
  child.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the load client ended: see what it wrote');
    return JSON.parse(value);
  };
  await next();
  return {
    async finish() {
      child.stdin.end();
      return (await next()) as LoadResult;
    },
  };
}
