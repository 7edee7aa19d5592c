import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend, BackendKind, Backends, Ending } from './backends.ts';
import type { Subject } from './subject/subject.ts';
import type { Endpoint, Wanted } from './wanted.ts';

/** One proxy with its backends, under load. */
export interface Site {
  readonly subject: Subject;
  /** What was handed to the proxy last. */
  wanted(): Wanted;
  /** Hands the next over. */
  change(next: (now: Wanted) => Wanted): Promise<void>;
  /** The backends that stand in a pool, in the order in which they came. */
  backends(pool: string): readonly Backend[];
  startBackend(kind: BackendKind): Promise<Backend>;
  add(pool: string, backend: Backend): Promise<void>;
  /** It shall get no new requests. Done when that is in force, as far as anybody can tell. */
  announce(pool: string, backend: Backend): Promise<void>;
  remove(pool: string, backend: Backend): Promise<void>;
  rest(ms: number): Promise<void>;
  /** Whether the load was on for as long as it shall be. */
  isOver(): boolean;
}

interface SiteOptions {
  readonly subject: Subject;
  readonly wanted: Wanted;
  readonly backends: Backends;
  readonly pools: Readonly<Record<string, readonly Backend[]>>;
  /** How backends end that are started later. */
  readonly ending: Ending;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

export function createSite({ subject, wanted, backends, pools, ending, seconds, signal }: SiteOptions): Site {
  let current = wanted;
  const members = new Map(Object.entries(pools));
  const until = performance.now() + seconds * 1000;

  async function change(next: (now: Wanted) => Wanted): Promise<void> {
    current = next(current);
    await subject.apply(current);
  }

  const changePool = (pool: string, next: (now: readonly Endpoint[]) => readonly Endpoint[]): Promise<void> =>
    change((now) => ({ ...now, pools: { ...now.pools, [pool]: next(now.pools[pool] ?? []) } }));

  return {
    subject,
    wanted: () => current,
    change,
    backends: (pool) => members.get(pool) ?? [],
    startBackend: (kind) => backends.start(kind, ending),
    async add(pool, backend) {
      members.set(pool, [...(members.get(pool) ?? []), backend]);
      await changePool(pool, (now) => [...now, { port: backend.port, ending: false }]);
    },
    async announce(pool, { port }) {
      await changePool(pool, (now) => now.map((endpoint) => (endpoint.port === port ? { port, ending: true } : endpoint)));
      await subject.hasLetGo?.(port);
    },
    async remove(pool, backend) {
      members.set(
        pool,
        (members.get(pool) ?? []).filter((other) => other !== backend),
      );
      await changePool(pool, (now) => now.filter(({ port }) => port !== backend.port));
    },
    rest: (ms) => sleep(ms, undefined, { signal }),
    isOver: () => performance.now() > until,
  };
}
