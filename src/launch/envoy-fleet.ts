import { join } from 'node:path';
import type { BootstrapOptions } from './bootstrap.ts';
import type { Children } from './children.ts';
import { type EnvoyProcess, startEnvoy } from './envoy-process.ts';

export interface EnvoyFleetOptions {
  readonly binary: string;
  /** The bootstrap of the Envoy of a group. */
  readonly bootstrapOf: (group: string) => BootstrapOptions;
  /** Every Envoy has a folder in here. */
  readonly folder: string;
  readonly children: Children;
  /** Told when an Envoy serves, when it is gone because its group is gone, when somebody drained it, and when it fails. */
  readonly onEvent: (event: FleetEvent) => void;
}

export type FleetEvent =
  | { readonly type: 'ready' | 'stopped' | 'drained'; readonly group: string; readonly envoy: EnvoyProcess }
  | { readonly type: 'failed'; readonly group: string; readonly error: unknown };

/** One Envoy for each group that exists. */
export interface EnvoyFleet {
  /** Starts an Envoy for each of the groups that has none, and stops those of other groups. Done when all that run are ready or have failed. */
  follow(groups: readonly string[]): Promise<void>;
  /** The Envoys that run, by group. */
  envoys(): ReadonlyMap<string, EnvoyProcess>;
}

const readyWithinMs = 30_000;
/** How an Envoy ends that was told to, as by `sluice drain`. */
const cleanEnd = 'exit status 0';

/** Runs as many Envoys as there are groups. A group whose Envoy failed or was drained is not tried again until it went and came back. */
export function createEnvoyFleet(options: EnvoyFleetOptions): EnvoyFleet {
  const running = new Map<string, EnvoyProcess>();
  const tried = new Set<string>();

  async function start(group: string): Promise<void> {
    tried.add(group);
    try {
      const envoy = await startEnvoy({
        binary: options.binary,
        bootstrap: options.bootstrapOf(group),
        folder: join(options.folder, group.replaceAll('/', '.')),
        children: options.children,
        concurrency: 2,
        drainSeconds: 5,
      });
      running.set(group, envoy);
      await envoy.ready(readyWithinMs);
      void envoy.ended.then((how) => {
        if (running.get(group) !== envoy) return;
        running.delete(group);
        if (how === cleanEnd) options.onEvent({ type: 'drained', group, envoy });
        else options.onEvent({ type: 'failed', group, error: new Error(`it ended by itself: ${how}`) });
      });
      options.onEvent({ type: 'ready', group, envoy });
    } catch (error) {
      options.onEvent({ type: 'failed', group, error });
    }
  }

  async function stop(group: string): Promise<void> {
    tried.delete(group);
    const envoy = running.get(group);
    if (!envoy) return;
    running.delete(group);
    await envoy.stop();
    options.onEvent({ type: 'stopped', group, envoy });
  }

  return {
    async follow(groups) {
      const surplus = [...tried].filter((group) => !groups.includes(group));
      const missing = groups.filter((group) => !tried.has(group));
      await Promise.all([...surplus.map(stop), ...missing.map(start)]);
    },
    envoys: () => running,
  };
}
