import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { authzKeyIn } from '../authz/key-file.ts';
import { readVersion } from '../version.ts';

export interface AuthzProcessOptions {
  /** Where its socket and key are. Undefined: in a folder that ends with it. */
  readonly folder: string | undefined;
  /** Whether it goes on without us, and the next of us finds it: needs a folder. */
  readonly outlivesUs: boolean;
  /** Told of what went wrong, once each time. */
  readonly onTrouble: (message: string) => void;
}

/** The auth service of the Envoys of this machine, in a process of its own. */
export interface AuthzProcess {
  /** `unix:PATH`. */
  readonly address: string;
  /** What it shares with the server. */
  readonly key: Buffer;
  /** Called as soon as an Envoy may ask it: it is started, and again whenever nobody answers. */
  start(): void;
  /** Ends it, unless it outlives us. */
  stop(): Promise<void>;
}

const main = join(import.meta.dirname, '..', `main${extname(import.meta.filename)}`);
const lookEveryMs = 1000;
const answerWithinMs = 2000;
/** Of a Unix socket, with the process behind it while it takes the place of another. */
const mostPathBytes = 95;

/** @throws {Error} where the folder cannot be used. */
export function createAuthzProcess({ folder, outlivesUs, onTrouble }: AuthzProcessOptions): AuthzProcess {
  const own = folder === undefined ? mkdtempSync(join(tmpdir(), 'sluice-authz-')) : resolve(folder);
  const socket = socketIn(own);
  const keyFile = join(own, 'authz.key');
  const key = authzKeyIn(keyFile);
  const ending = new AbortController();
  let child: ChildProcess | undefined;
  let running: Promise<void> | undefined;

  function begin(): ChildProcess {
    if (dirname(socket) !== own) makePrivate(dirname(socket));
    const args = [main, 'authz', '--listen', `unix:${socket}`, '--key-file', keyFile];
    const begun = spawn(process.execPath, args, {
      detached: outlivesUs,
      stdio: outlivesUs ? 'ignore' : ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    begun.unref();
    begun.channel?.unref();
    begun.on('error', (error) => onTrouble(`the auth service cannot be started: ${error.message}`));
    begun.on('exit', (status) => {
      if (child === begun) child = undefined;
      if (!ending.signal.aborted) onTrouble(`the auth service ended with ${status ?? 'a signal'}`);
    });
    return begun;
  }

  async function look(): Promise<void> {
    const found = await healthOf(socket);
    if (ending.signal.aborted || found?.version === readVersion()) return;
    if (!child) child = begin();
    // Of another version: the new one has its place by now, or takes it the next time.
    if (found && found.pid !== child.pid) await replaced(found.pid);
  }

  async function replaced(pid: number): Promise<void> {
    const now = await healthOf(socket);
    if (now && now.pid !== pid) process.kill(pid, 'SIGTERM');
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      await look().catch((error: unknown) => onTrouble(`the auth service cannot be looked after: ${String(error)}`));
      // An aborted sleep is the end.
      await sleep(lookEveryMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    address: `unix:${socket}`,
    key,
    start() {
      running ??= watch();
    },
    async stop() {
      ending.abort();
      await running;
      if (outlivesUs) return;
      child?.kill('SIGTERM');
      if (dirname(socket) !== own) rmSync(dirname(socket), { recursive: true, force: true });
      if (folder === undefined) rmSync(own, { recursive: true, force: true });
    },
  };
}

/** A folder with a long path has its socket in the one for temporary files, always at the same place, which nobody else may enter. */
function socketIn(folder: string): string {
  const socket = join(folder, 'authz.sock');
  if (Buffer.byteLength(socket) <= mostPathBytes) return socket;
  const short = join(tmpdir(), `sluice-authz-${hash('sha256', folder, 'hex').slice(0, 16)}`);
  const instead = join(short, 'authz.sock');
  if (Buffer.byteLength(instead) <= mostPathBytes) return instead;
  throw new Error(`the path of the socket ${instead} is too long; name a shorter folder, or give --authz-address`);
}

/** @throws {Error} where others may enter it. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${folder}, which takes the socket of the auth service, is open to others`);
}

interface Health {
  readonly version: string;
  readonly pid: number;
}

/** Undefined: nobody answers. */
function healthOf(socketPath: string): Promise<Health | undefined> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/health', timeout: answerWithinMs, agent: false }, (answer) => {
      const { 'x-version': version, 'x-pid': pid } = answer.headers;
      answer.resume();
      resolve(answer.statusCode === 200 ? { version: String(version), pid: Number(pid) } : undefined);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}
