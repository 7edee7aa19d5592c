#!/usr/bin/env node
// Starts Sluice from the built files where they are shipped, else from the sources, and always under a Node that can
// run them: the one that runs this file if it is new enough, else the one that `npm ci` put into node_modules. A server
// runs in little memory (docs/decisions/0017-memory.md).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const oldest = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'dist', 'main.js');
const main = existsSync(built) ? built : join(root, 'src', 'main.ts');

// npx hands SIGTERM on to a shell that stands between us, and which ends without a word: what is seen of it is that it is gone.
if (process.env.npm_lifecycle_event === 'npx') {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  look.unref();
}

const isServer = process.argv[2] === 'serve';
// What changes all the time in a cluster waits for each look through the heap: half as many there.
const growth = process.argv.includes('--kubernetes') ? 25 : 12;
const memoryFlags = isServer ? ['--max-semi-space-size=16', `--heap-growing-percent=${growth}`, '--external-memory-accounted-in-global-limit'] : [];
// For glibc: one area for all threads, and what sockets are read into apart from it. What is set already is left as it is.
const env = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536', ...process.env };

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  // All of that is fixed when a program starts, so it takes its own place. Windows cannot do that.
  const hasFlags = memoryFlags.every((flag) => process.execArgv.includes(flag));
  if (!hasFlags && process.execve && process.platform !== 'win32') {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...memoryFlags, ...process.argv.slice(1)], env);
  }
  await import(pathToFileURL(main).href);
} else {
  const node = join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    console.error(`sluice needs Node ${oldest} or newer, this is ${process.version}; \`npm ci\` in ${root} brings one.`);
    process.exit(2);
  }
  const child = spawn(node, [...memoryFlags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit', ...(isServer ? { env } : {}) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 2);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
