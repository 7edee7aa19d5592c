import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Protocol } from './options.ts';
import { changeArguments, type RunningServer } from './server.ts';

/** How a number is distributed over the nodes. */
interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What was sent and used meanwhile; memory is as it is at the end, the peak since the server's start. */
interface Used {
  readonly answers: number;
  /** Of answers, without the framing of HTTP/2. */
  readonly bytes: number;
  readonly resources: number;
  readonly resourceBytes: number;
  /** All that came from sockets. */
  readonly socketBytes: number;
  readonly serverCpuSeconds: number;
  readonly clientCpuSeconds: number;
  readonly residentMiB: number;
  readonly peakMiB: number;
  /** Streams that the server ended, over the whole life of the client, and what it said to the last of them. */
  readonly streamsLost: number;
  readonly lastLostReason?: string;
}

/** How a start of all nodes went; `missed` is how many never had all. */
export interface Connected extends Used {
  readonly seconds: number;
  readonly nodeMs: Spread;
  readonly missed: number;
}

/** How it went when all nodes came back at once. */
export interface CameBack extends Used {
  /** Until the server had read all that the nodes said and was done with it. */
  readonly seconds: number;
  /** Until each node had what was changed while all were away. */
  readonly changeMs: Spread;
  readonly missed: number;
}

/** How changes reached the nodes. */
export interface Changed extends Used {
  /** In the order of the changes, milliseconds. */
  readonly each: readonly Reached[];
  /** Nodes that were not sent a change, over all changes. */
  readonly missed: number;
}

/** How one change reached the nodes. */
export interface Reached extends Spread {
  /** The node that was first. */
  readonly first: number;
}

/** Many nodes that are connected to one server. */
export interface Load extends AsyncDisposable {
  /** Connects all nodes, which know nothing. */
  cold(): Promise<Connected>;
  /** Cuts all streams and connects again; `change`: an endpoint changes meanwhile. */
  comeBack(change: boolean): Promise<CameBack>;
  changes(count: number): Promise<Changed>;
  rate(perSecond: number, seconds: number): Promise<Changed>;
  /** Opens a stream that lets nothing be sent to it, until `undeaf`. */
  deaf(): Promise<void>;
  undeaf(): Promise<void>;
  /** Writes what the first node holds, for servers that shall serve the same. Only in delta. */
  capture(file: string): Promise<void>;
}

export interface LoadOptions {
  readonly binary: string;
  readonly server: RunningServer;
  readonly protocol: Protocol;
  readonly nodes: number;
  /** How many Services there are to change in turn. */
  readonly services: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Any step takes no longer than this: go-control-plane needs a minute for some. */
const timeoutSeconds = 300;
/**
 * After a change, so that its acknowledgements are read before the next one. In state of the world each of them has the names of all
 * clusters, and a thousand nodes take a server half a second.
 */
const gapMs: Readonly<Record<Protocol, number>> = { delta: 300, sotw: 1000 };

/** Starts the client; it ends with the disposal, and with this process. */
export function startLoad({ binary, server, protocol, nodes, services, signal }: LoadOptions): Load {
  const target = ['-target', server.xds, '-pid', String(server.pid)];
  const size = ['-protocol', protocol, '-nodes', String(nodes), '-services', String(services)];
  const child = spawn(binary, [...target, ...size, ...changeArguments(server.changes)], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
    child.on('error', () => resolve());
  });

  async function ask<Answer>(command: Readonly<Record<string, string | number | boolean>>): Promise<Answer> {
    child.stdin.write(`${JSON.stringify({ ...command, timeoutSeconds })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the load client ended while it was asked for ${command['do']}`);
    const answer = JSON.parse(value) as Answer | { readonly error: string };
    if (typeof answer === 'object' && answer !== null && 'error' in answer) throw new Error(`${server.name}: ${command['do']}: ${answer.error}`);
    return answer as Answer;
  }

  return {
    cold: () => ask({ do: 'cold' }),
    comeBack: (change) => ask({ do: 'comeBack', change }),
    changes: (count) => ask({ do: 'changes', count, gapMs: gapMs[protocol] }),
    rate: (perSecond, seconds) => ask({ do: 'rate', count: perSecond * seconds, perSecond }),
    deaf: () => ask({ do: 'deaf' }),
    undeaf: () => ask({ do: 'undeaf' }),
    capture: (file) => ask({ do: 'capture', file }),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
