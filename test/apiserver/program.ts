import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findGo } from '../../bench/go.ts';
import { install } from '../bench/parts.ts';

const run = promisify(execFile);

/** What a test cluster is made of. */
export interface KubernetesProgram {
  /** The program of `main.go`: the API server, the controller manager and kubectl, by its first word. */
  readonly binary: string;
  /** Folder with the CRDs of the Gateway API, standard channel. */
  readonly gatewayApiCrds: string;
}

const here = import.meta.dirname;
/** What the program is made of: where one of them changes, it is another one. */
const parts = ['main.go', 'go.mod', 'go.sum', 'crds/go.mod', 'crds/go.sum'];
/** Of the program. */
export const kubernetesVersion = 'v1.34.4';

let found: Promise<KubernetesProgram> | undefined;

/**
 * Finds the program in our cache, or builds it: minutes, once. The sources come from the Go module proxy with the hashes of go.sum;
 * etcd comes from Debian where it is missing.
 * @throws {Error} with what Go or Debian said.
 */
export function kubernetesProgram(): Promise<KubernetesProgram> {
  found ??= find();
  return found;
}

async function find(): Promise<KubernetesProgram> {
  await install({ etcd: 'etcd-server' });
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', 'kubernetes');
  const hash = createHash('sha256');
  for (const part of parts) hash.update(readFileSync(join(here, part)));
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) await build(cache, folder);
  return { binary: join(folder, 'kubernetes'), gatewayApiCrds: join(folder, 'crds') };
}

async function build(cache: string, to: string): Promise<void> {
  const progress = (line: string): void => console.error(line);
  const go = await findGo(progress);
  progress(`building the API server of Kubernetes ${kubernetesVersion}, once, for some minutes …`);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, '.building-'));
  try {
    const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' };
    const variable = 'k8s.io/component-base/version.git';
    const said = [`Version=${kubernetesVersion}`, 'Major=1', 'Minor=34'].map((value) => `-X ${variable}${value}`);
    await run(go, ['build', '-trimpath', '-ldflags', `-s -w ${said.join(' ')}`, '-o', join(work, 'kubernetes'), '.'], {
      cwd: here,
      env,
      maxBuffer: 16 * 1024 * 1024,
    });
    const { stdout } = await run(go, ['mod', 'download', '-json', 'sigs.k8s.io/gateway-api'], { cwd: join(here, 'crds'), env });
    const { Dir: module } = JSON.parse(stdout) as { readonly Dir: string };
    // The files of a module are read-only, and so would be their folder.
    cpSync(join(module, 'config', 'crd', 'standard'), join(work, 'crds'), { recursive: true, mode: 0 });
    await run('chmod', ['-R', 'u+w', join(work, 'crds')]);
    await rename(work, to).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster, with the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
