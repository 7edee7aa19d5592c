import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { KubernetesConfig } from '../kubernetes-options.ts';
import { namedObjects, type Settings } from '../settings.ts';
import { createKubernetesSource } from '../source/kubernetes.ts';
import type { Source } from '../source/source.ts';
import type { Stored } from '../store/stored.ts';
import { CommandError } from './command-error.ts';

/** What was read of a cluster. */
export interface ClusterRead {
  readonly objects: readonly Stored[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a cluster once.
 * @throws {CommandError} where it cannot be reached, or refuses the credentials.
 */
export async function readCluster(choice: KubernetesConfig, settings: Settings, clock: Clock): Promise<ClusterRead> {
  const source = sourceOf(choice, settings, clock);
  const ending = new AbortController();
  const { promise: listed, resolve, reject } = Promise.withResolvers<readonly Stored[]>();
  let diagnostics: readonly Diagnostic[] = [];
  const sink = {
    list: resolve,
    change: () => undefined,
    diagnostics(told: readonly Diagnostic[]) {
      diagnostics = told;
      const away = told.find(({ code }) => code === 'SourceUnavailable');
      if (away) reject(new CommandError(away.message.replace(/; the objects last read.*$/, ''), { ...(away.remedy && { remedy: away.remedy }) }));
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

function sourceOf(choice: KubernetesConfig, settings: Settings, clock: Clock): Source {
  try {
    return createKubernetesSource({ ...choice, named: namedObjects(settings.ingress), log: pino({ level: 'silent' }), clock });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
