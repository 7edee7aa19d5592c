import type { Clock } from '../clock.ts';
import { ApiError, ClusterAccessError } from '../kubernetes/api-error.ts';
import { createClusterClient } from '../kubernetes/client.ts';
import { reasonOf } from '../reason.ts';
import type { KeyStore } from './key-store.ts';
import { LaunchError } from './launch-error.ts';

export interface KeySecretsOptions {
  /** Of all Secrets, but those of sidecars. */
  readonly namespace: string;
  /** What their names begin with. */
  readonly prefix: string;
}

/** The parts of a Secret that matter here; all else goes back as it came. */
interface Secret {
  readonly data?: Readonly<Record<string, string>>;
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
export function secretStore(options: KeySecretsOptions, clock: Clock): KeyStore & Disposable {
  const client = open(clock);
  const nameOf = (path: string): string => {
    const { namespace, name } = keySecret(path, options);
    return `${namespace}/${name}`;
  };
  const urlOf = (path: string): string => {
    const { namespace, name } = keySecret(path, options);
    return `/api/v1/namespaces/${namespace}/secrets/${name}`;
  };
  /** As it was read: a write says so, and is refused where it has changed. */
  const held = new Map<string, Secret>();

  async function secretAt(path: string): Promise<Secret> {
    const known = held.get(path);
    if (known) return known;
    const secret = await client.ask({ path: urlOf(path) }).catch((error: unknown) => failed(error, 'read', nameOf(path)));
    held.set(path, secret as Secret);
    return secret as Secret;
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
      const query = { fieldManager: 'sluice-certificates' };
      const written = client.ask({ method: 'PUT', path: urlOf(path), query, body: { ...secret, data } });
      held.set(path, (await written.catch((error: unknown) => failed(error, 'written', nameOf(path)))) as Secret);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** @throws {LaunchError} where no cluster is meant. */
function open(clock: Clock): ReturnType<typeof createClusterClient> {
  try {
    return createClusterClient({}, clock);
  } catch (error) {
    if (error instanceof ClusterAccessError) throw new LaunchError(error.message, 'The Secrets of which cluster?', error);
    throw error;
  }
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** @throws {LaunchError} for what the API server or the way to it says. */
function failed(error: unknown, what: 'read' | 'written', name: string): never {
  const remedy = error instanceof ApiError ? remedies[error.status] : undefined;
  const reason = reasonOf(error);
  throw new LaunchError(`the Secret ${name} cannot be ${what}: ${reason}`, remedy ?? 'Is the API server that KUBECONFIG names there?', error);
}

const remedies: Readonly<Record<number, string>> = {
  403: 'The Role of the chart names the Secrets that this account may get and update.',
  404: 'Make it, without content: kubectl create secret generic NAME.',
  409: 'Somebody else wrote it at the same time: run it again.',
};
