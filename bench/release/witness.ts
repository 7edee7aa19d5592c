import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../run.ts';
import { lineOf } from '../started.ts';

/** Who saw on the way which requests that may not be done twice came to which port. */
export interface Witness {
  /** What came to these ports. It sees nothing more from then on. */
  arrivals(ports: ReadonlySet<number>): Promise<Arrivals>;
  stop(): Promise<void>;
}

/** Ids of requests, by the state of the connection on which they came. */
export interface Arrivals {
  /** The side that they came to had not ended it. */
  readonly before: ReadonlySet<string>;
  /** It had: they crossed its end on the way. */
  readonly after: ReadonlySet<string>;
  /** Packets that it could not see. */
  readonly lost: number;
}

/** Starts cmd/witness. Undefined: this machine does not let us see packets, as without a network namespace of our own and without root. */
export async function startWitness(binary: string, folder: string, { children, progress }: Run): Promise<Witness | undefined> {
  const file = join(folder, 'arrivals');
  const logFile = join(folder, 'witness.log');
  const child = children.start({ command: binary, args: ['-file', file], logFile });
  try {
    await lineOf(logFile, child, (line) => 'ready' in line);
  } catch {
    // It said why.
    progress((await readFile(logFile, 'utf8')).trim());
    return undefined;
  }
  return {
    async arrivals(ports) {
      await child.stop();
      const lines = (await readFile(file, 'utf8')).split('\n');
      const seen = lines.map((line) => ({ mark: line[0], id: line.slice(1, line.indexOf(' ')), port: Number(line.slice(line.indexOf(' '))) }));
      const marked = (mark: string) => new Set(seen.filter((one) => one.mark === mark && ports.has(one.port)).map(({ id }) => id));
      const lost = lines.find((line) => line.startsWith('='))?.slice(1);
      return { before: marked('+'), after: marked('~'), lost: lost === undefined ? Number.POSITIVE_INFINITY : Number(lost) };
    },
    stop: child.stop,
  };
}
