import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { KubernetesConfig } from '../config/kubernetes-options.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { readVersion } from '../version.ts';
import { type ApiClient, createApiClient, sendTo } from './api-client.ts';
import type { CommandContext } from './context.ts';

/** Whom a command asks. */
export interface AskingOptions {
  /** Folders to answer from; undefined: a running server is asked. */
  readonly config?: readonly string[];
  /** A cluster that is read once, with the folders. Undefined: none. */
  readonly cluster?: KubernetesConfig | undefined;
  readonly server?: string;
  readonly token?: string;
  /** How folders are read. Undefined: by the defaults. */
  readonly settings?: Settings;
}

const defaultServer = 'http://127.0.0.1:18001';

/** Adds `--server` and `--token`, and `-c` where the question can be answered without a server. */
export function withAsking(command: Command, { offline }: { readonly offline: boolean }): Command {
  if (offline) command.addOption(new Option('-c, --config <path>', 'answer from this folder or file instead of a server; may be repeated').argParser(collect));
  return command
    .option('--server <url>', `admin address of the server (SLUICE_SERVER; default: ${defaultServer})`)
    .option('--token <token>', 'token of its admin API (better by SLUICE_TOKEN)');
}

/** The API of whom the options name. */
export async function asked({ config, cluster, server, token, settings = defaultSettings }: AskingOptions, { env, clock }: CommandContext): Promise<ApiClient> {
  if (config !== undefined) {
    // Loaded when needed: a question to a server shall not wait for everything that could answer it here.
    const [{ sendToFolder }, { readFolders }] = await Promise.all([import('./folder-api.ts'), import('./read-folders.ts')]);
    const folders = readFolders(config);
    const read = cluster && (await (await import('./read-cluster.ts')).readCluster(cluster, settings, clock, folders.objects));
    const name = [...config, ...(cluster ? ['kubernetes'] : [])].join(', ');
    return createApiClient(sendToFolder(name, folders, settings, readVersion(), clock, read));
  }
  return createApiClient(sendTo(server ?? (env['SLUICE_SERVER'] || defaultServer), token ?? tokenOf(env)));
}

/**
 * The token of the environment: SLUICE_TOKEN, else that of the server, whose environment a command shares in its container.
 * A file that cannot be read is as none: the server says that it asks for one.
 */
function tokenOf(env: CommandContext['env']): string | undefined {
  const token = env['SLUICE_TOKEN'] || env['SLUICE_ADMIN_TOKEN'];
  const file = env['SLUICE_ADMIN_TOKEN_FILE'];
  if (token || !file) return token || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    // Told by the answer of the server.
    return undefined;
  }
}

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
