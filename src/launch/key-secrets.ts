import { ApiException, CoreV1Api, KubeConfig, type V1Secret } from '@kubernetes/client-node';
import { readVersion } from '../version.ts';
import type { KeyStore } from './key-store.ts';
import { LaunchError } from './launch-error.ts';

export interface KeySecretsOptions {
  /** Of all Secrets, but those of sidecars. */
  readonly namespace: string;
  /** What their names begin with. */
  readonly prefix: string;
}

/** Where a path lies: `groups/default` in the Secret `PREFIX-group-default`; that of a sidecar in its own namespace, as its pods mount it. */
function keySecret(path: string, { namespace, prefix }: KeySecretsOptions): { readonly namespace: string; readonly name: string } {
  const name = `${prefix}-${path.replace(/^groups\//, 'group-').replaceAll('/', '.')}`;
  const [, sidecar] = /^groups\/sidecar\/([^/]+)\/[^/]+$/.exec(path) ?? [];
  return { namespace: sidecar ?? namespace, name };
}

/**
 * Secrets of the cluster that `KUBECONFIG`, or the pod that this runs in, belongs to. They have to be there, empty at first: so
 * nobody needs the right to make Secrets, which would be that to take the place of others. What is written counts only if nobody
 * else wrote meanwhile.
 */
export function secretStore(options: KeySecretsOptions): KeyStore {
  const config = new KubeConfig();
  config.loadFromDefault();
  const api = config.makeApiClient(CoreV1Api);
  const nameOf = (path: string): string => {
    const { namespace, name } = keySecret(path, options);
    return `${namespace}/${name}`;
  };
  /** As it was read: a write says so, and is refused where it has changed. */
  const held = new Map<string, V1Secret>();

  async function secretAt(path: string): Promise<V1Secret> {
    const known = held.get(path);
    if (known) return known;
    const secret = await api.readNamespacedSecret(keySecret(path, options)).catch((error: unknown) => failed(error, 'read', nameOf(path)));
    held.set(path, secret);
    return secret;
  }

  return {
    nameOf,
    async read(path, names) {
      const { data = {} } = await secretAt(path);
      return Object.fromEntries(names.flatMap((name) => (data[name] === undefined ? [] : [[name, Buffer.from(data[name], 'base64').toString('utf8')]])));
    },
    async write(path, texts) {
      const secret = await secretAt(path);
      const data = { ...secret.data };
      for (const [name, text] of Object.entries(texts)) {
        if (text === undefined) delete data[name];
        else data[name] = Buffer.from(text, 'utf8').toString('base64');
      }
      if (isSame(data, secret.data ?? {})) return;
      const written = api.replaceNamespacedSecret({ ...keySecret(path, options), body: { ...secret, data }, fieldManager: `sluice/${readVersion()}` });
      held.set(path, await written.catch((error: unknown) => failed(error, 'written', nameOf(path))));
    },
  };
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** @throws {LaunchError} for what the API server or the way to it says. */
function failed(error: unknown, what: 'read' | 'written', name: string): never {
  const remedy = error instanceof ApiException ? remedies[error.code] : undefined;
  throw new LaunchError(`the Secret ${name} cannot be ${what}: ${reasonOf(error)}`, remedy ?? 'Is the API server that KUBECONFIG names there?');
}

const remedies: Readonly<Record<number, string>> = {
  403: 'The Role of the chart names the Secrets that this account may get and update.',
  404: 'Make it, without content: kubectl create secret generic NAME.',
  409: 'Somebody else wrote it at the same time: run it again.',
};

function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    const body: unknown = error.body;
    // The client leaves an answer unread whose type it does not expect for the status.
    const status = typeof body === 'string' ? statusIn(body) : body;
    const message = typeof status === 'object' && status !== null && 'message' in status ? status.message : undefined;
    return typeof message === 'string' ? message : `status ${error.code}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function statusIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy on the way answers in a form of its own.
    return undefined;
  }
}
