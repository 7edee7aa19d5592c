import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Check } from './check.ts';

/** Threads that check passwords. */
export interface Checkers {
  /** Undefined where too many wait already, or a thread failed. */
  isPassword(check: Check): Promise<boolean | undefined>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly check: Check;
  readonly tell: (verdict: boolean | undefined) => void;
}

/** More would wait for longer than a client does. */
const mostWaiting = 500;
const mostThreads = 4;

/** Checks passwords beside the thread that answers: guesses of one client must not hold up those who are known. */
export function createCheckers(): Checkers {
  const queue: Waiting[] = [];
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const busy = new Map<Worker, Waiting>();
  let isStopped = false;

  function add(): void {
    const worker = new Worker(new URL(`./check${extname(import.meta.filename)}`, import.meta.url));
    worker.unref();
    all.add(worker);
    worker.on('message', (verdict: boolean) => {
      done(worker, verdict);
      idle.push(worker);
      next();
    });
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      all.delete(worker);
      const place = idle.indexOf(worker);
      if (place >= 0) idle.splice(place, 1);
      done(worker, undefined);
      if (!isStopped) next();
    });
    idle.push(worker);
  }

  function done(worker: Worker, verdict: boolean | undefined): void {
    busy.get(worker)?.tell(verdict);
    busy.delete(worker);
  }

  function next(): void {
    if (queue.length > 0 && idle.length === 0 && all.size < Math.min(availableParallelism(), mostThreads)) add();
    const worker = queue.length > 0 ? idle.pop() : undefined;
    const waiting = worker && queue.shift();
    if (!waiting) return;
    busy.set(worker, waiting);
    worker.postMessage(waiting.check);
  }

  return {
    isPassword: (check) =>
      new Promise((tell) => {
        if (isStopped || queue.length >= mostWaiting) return tell(undefined);
        queue.push({ check, tell });
        next();
      }),
    async stop() {
      isStopped = true;
      for (const { tell } of queue.splice(0)) tell(undefined);
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
