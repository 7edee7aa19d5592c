import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Children } from '../src/launch/children.ts';
import type { Json } from '../src/proto/codec.ts';
import { until } from './started.ts';

export interface PlainEnvoyOptions {
  /** Path of an Envoy. */
  readonly binary: string;
  readonly bootstrap: Readonly<Record<string, Json>>;
  /** Keeps the bootstrap and the log; made if missing. */
  readonly folder: string;
  readonly children: Children;
  /** Worker threads. */
  readonly concurrency: number;
  /** Words before the command, `taskset` for one. */
  readonly by?: readonly string[];
  /** More arguments. */
  readonly args?: readonly string[];
}

/** An Envoy that nobody of Sluice set up. */
export interface PlainEnvoy {
  readonly pid: number;
  /** `HOST:PORT` of the admin page. */
  readonly admin: string;
  stop(): Promise<void>;
}

/** Starts an Envoy on a bootstrap without admin page, which it is given; resolves when it has its listeners. */
export async function startPlainEnvoy({ binary, bootstrap, folder, children, concurrency, by = [], args = [] }: PlainEnvoyOptions): Promise<PlainEnvoy> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'bootstrap.json');
  const addressFile = join(folder, 'admin-address');
  await rm(addressFile, { force: true });
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } };
  await writeFile(file, JSON.stringify({ ...bootstrap, admin }));
  const [command = '', ...words] = [...by, binary, '-c', file, '--admin-address-path', addressFile];
  const all = [...words, '--disable-hot-restart', '--concurrency', String(concurrency), ...args];
  const child = children.start({ command, args: all, logFile: join(folder, 'envoy.log') });
  let address = '';
  await until('Envoy is ready', child, async () => {
    address = (await readFile(addressFile, 'utf8').catch(() => '')).trim();
    return address !== '' && (await fetch(`http://${address}/ready`).catch(() => undefined))?.ok === true;
  });
  return { pid: child.pid, admin: address, stop: child.stop };
}
