import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** File that takes its standard output and error, begun anew. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** One process that was started. */
interface Child {
  readonly pid: number;
  /** `exit status 1`, `signal SIGKILL`, or why it could not be started; settles when it is gone, never rejects. */
  readonly ended: Promise<string>;
  isRunning(): boolean;
  /** Asks it to end, and makes it end if it does not. Done when it is gone. */
  stop(): Promise<void>;
}

/** Processes that live no longer than this one. */
export interface Children {
  /** @throws {Error} where the log file cannot be written. A command that cannot be run is told by `ended`. */
  start(options: ChildOptions): Child;
  /** Stops all that run. */
  stop(): Promise<void>;
}

/** A process that does not end within this after SIGTERM is killed, and then waited for as long again. */
const patienceMs = 3000;
const lookEveryMs = 20;

/**
 * A shell that knows the running children (`+ PID`, `- PID` on its input) and ends them when the input closes: so they do not
 * outlive us even where we are killed and can do nothing any more.
 */
const watchdogScript = `
pids=
while read -r change pid; do
  case $change in
    +) pids="$pids $pid" ;;
    -) left=; for each in $pids; do [ "$each" = "$pid" ] || left="$left $each"; done; pids=$left ;;
  esac
done
[ -n "$pids" ] || exit 0
for each in $pids; do kill -s TERM -- "-$each"; done
sleep 3
for each in $pids; do kill -s KILL -- "-$each"; done
`;

/**
 * Starts processes and sees to it that each ends: by `stop`, with this process, or by a watchdog when this process is killed.
 * Each child leads a process group of its own: Ctrl-C in a terminal reaches only us, and what a child started goes with it.
 */
export function createChildren(): Children {
  const running = new Map<number, Child>();
  let watchdog: ChildProcess | undefined;

  const killAll = (): void => {
    for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
  };

  function watch(line: string): void {
    if (!watchdog) {
      watchdog = spawn('/bin/sh', ['-c', watchdogScript], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
      // Without a shell the children are still ended by `stop` and by the end of this process.
      watchdog.on('error', () => undefined);
      watchdog.stdin?.on('error', () => undefined);
      watchdog.unref();
      (watchdog.stdin as { unref?: () => void } | null)?.unref?.();
      process.on('exit', killAll);
    }
    watchdog.stdin?.write(`${line}\n`);
  }

  function release(): void {
    if (running.size > 0) return;
    watchdog?.stdin?.end();
    watchdog = undefined;
    process.off('exit', killAll);
  }

  function start(options: ChildOptions): Child {
    const log = openSync(options.logFile, 'w');
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    closeSync(log);
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (status, signal) => resolve(signal === null ? `exit status ${status}` : `signal ${signal}`));
    const pid = child.pid;
    if (pid === undefined) return { pid: 0, ended, isRunning: () => false, stop: async () => undefined };

    const started: Child = {
      pid,
      ended,
      isRunning: () => running.has(pid),
      async stop() {
        if (!running.has(pid)) return;
        signalGroup(pid, 'SIGTERM');
        // What the child started may take longer than the child itself.
        if (!(await isGroupGone(pid))) {
          signalGroup(pid, 'SIGKILL');
          await isGroupGone(pid);
        }
        await ended;
      },
    };
    running.set(pid, started);
    watch(`+ ${pid}`);
    child.on('exit', () => {
      running.delete(pid);
      watch(`- ${pid}`);
      release();
    });
    return started;
  }

  return {
    start,
    async stop() {
      await Promise.all([...running.values()].map((child) => child.stop()));
    },
  };
}

/** Whether a process and all that it started end in time. */
async function isGroupGone(pid: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (signalGroup(pid, 0)) {
    if (performance.now() > deadline) return false;
    await sleep(lookEveryMs);
  }
  return true;
}

/** Signals a process and what it started; 0 only looks. False: none of them is there any more. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    // ESRCH: all ended by themselves in the meantime.
    return false;
  }
}
