import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { KubernetesConfig } from '../config/kubernetes-options.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../reason.ts';
import { namedObjects, type Settings } from '../settings.ts';
import { referencesOf } from '../source/cluster/references.ts';
import { createKubernetesSource } from '../source/kubernetes.ts';
import type { Source } from '../source/source.ts';
import type { Stored } from '../store/stored.ts';
import { CommandError } from './command-error.ts';
import type { ObjectsRead } from './read-folders.ts';

/**
 * Reads a cluster once.
 * @param beside objects from elsewhere: the Secrets and ConfigMaps that they refer to are read as well.
 * @throws {CommandError} where it cannot be reached, or refuses the credentials.
 */
export async function readCluster(choice: KubernetesConfig, settings: Settings, clock: Clock, beside: readonly Stored[]): Promise<ObjectsRead> {
  const named = new Set([...namedObjects(settings.ingress), ...beside.flatMap(referencesOf).map(({ namespace, name }) => `${namespace}/${name}`)]);
  const source = sourceOf(choice, [...named], clock);
  const ending = new AbortController();
  const { promise: listed, resolve, reject } = Promise.withResolvers<readonly Stored[]>();
  let diagnostics: readonly Diagnostic[] = [];
  const sink = {
    list: resolve,
    change: () => undefined,
    diagnostics(told: readonly Diagnostic[]) {
      diagnostics = told;
      const away = told.find(({ code }) => code === 'SourceUnavailable');
      // A server asks again; a command is over.
      if (away)
        reject(
          new CommandError(away.message.replace(/; the objects last read.*$/, ''), { remedy: 'Bring it back, or mend the kubeconfig or its credentials.' }),
        );
    },
  };
  const running = source.run(sink, ending.signal);
  try {
    const objects = await listed;
    // What is to be said of them is told at the end of the turn.
    await setImmediate();
    await setImmediate();
    return { objects, diagnostics };
  } finally {
    ending.abort();
    await running;
  }
}

function sourceOf(choice: KubernetesConfig, named: readonly string[], clock: Clock): Source {
  try {
    return createKubernetesSource({ ...choice, named, log: pino({ level: 'silent' }), clock });
  } catch (error) {
    throw new CommandError(reasonOf(error), { cause: error });
  }
}
