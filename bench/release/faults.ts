import type { CertificateAndKey } from '../../examples/quickstart/backends/self-signed.ts';
import type { Ending } from './backends.ts';
import type { Site } from './site.ts';
import { grpcPool, type Rule } from './wanted.ts';

/** When the proxy hears of the end of a backend: 0.3 s before, at the same moment, 0.7 s after. */
type Timing = 'announced' | 'same moment' | 'late';

/** What happens to a site under load. */
export interface Fault {
  /** Unique; what `--faults` takes. */
  readonly name: string;
  readonly protocol: 'http1' | 'grpc';
  readonly tls: boolean;
  /** How its backends end. */
  readonly ending: Ending;
  /** Undefined: no backend is replaced. */
  readonly timing?: Timing;
  /** It happens to the server of the proxy: those without one are left out. */
  readonly toServer: boolean;
  /** Backends of the main pool besides those that are wanted. */
  readonly more: number;
  /** @returns how often it was done. */
  run(site: Site, size: FaultSize): Promise<number>;
}

/** How much of it. */
interface FaultSize {
  readonly replacements: number;
  /** The least time that the load goes on. */
  readonly seconds: number;
  /** Two that take turns. */
  readonly certificates: readonly [CertificateAndKey, CertificateAndKey];
}

export const mainPool = 'shop';
export const canaryPool = 'canary';

/** Between one change and the next. */
const everyMs = 100;
const certificatesEveryMs = 1000;
const restarts = 4;
const announcedMs = 300;
/** How long a new backend serves before an old one ends, as by `minReadySeconds` of a Deployment. A cold JVM compiles meanwhile. */
const minReadyMs = 1000;
const lateMs = 700;

const timings: readonly Timing[] = ['announced', 'same moment', 'late'];
const endings: readonly Ending[] = ['graceful', 'reset', 'kill'];

const usual = { protocol: 'http1', tls: false, ending: 'graceful', toServer: false, more: 0 } as const;

const rolling = (['http1', 'grpc'] as const).flatMap((protocol) =>
  timings.flatMap((timing) =>
    endings.map((ending): Fault => {
      const name = [...(protocol === 'grpc' ? ['grpc'] : []), timing.replace(' ', '-'), ending].join('-');
      const pool = protocol === 'grpc' ? grpcPool : mainPool;
      return { ...usual, name, protocol, ending, timing, run: (site, { replacements }) => replaceAll(site, pool, timing, replacements) };
    }),
  ),
);

const changed = (name: string, next: (rules: readonly Rule[], turn: number) => readonly Rule[], more: Partial<Fault> = {}): Fault => ({
  ...usual,
  name,
  run: (site) => again(site, everyMs, (turn) => site.change((now) => ({ ...now, rules: next(now.rules, turn) }))),
  ...more,
});

const edited = (rules: readonly Rule[], turn: number): readonly Rule[] => rules.map((rule) => ({ ...rule, edit: String(turn) }));
const reordered = ([first, ...others]: readonly Rule[]): readonly Rule[] => (first ? [...others, first] : []);
const shifted = (rules: readonly Rule[], turn: number): readonly Rule[] =>
  rules.map((rule) => ({ ...rule, split: { [mainPool]: 90 - (turn % 9) * 10, [canaryPool]: 10 + (turn % 9) * 10 } }));

/** All of these at once, one after the other. */
const mixed = (rules: readonly Rule[], turn: number): readonly Rule[] => shifted(reordered(edited(rules, turn)), turn);

/** What the pairs with and without changes compare. */
export const changes: Fault = changed('changes', mixed);
export const nothing: Fault = { ...usual, name: 'nothing', run: (site) => again(site, everyMs, async () => undefined) };

/** All that a run can do, in the order of the report. */
export const faults: readonly Fault[] = [
  nothing,
  ...rolling,
  changed('route-edited', edited),
  changed('rules-reordered', reordered),
  changed('split-changed', shifted),
  changed('grpc-changes', mixed, { protocol: 'grpc' }),
  {
    ...usual,
    name: 'certificates-rotated',
    tls: true,
    run: (site, { certificates }) =>
      again(site, certificatesEveryMs, (turn) => site.change((now) => ({ ...now, certificate: turn % 2 === 0 ? certificates[1] : certificates[0] }))),
  },
  {
    ...usual,
    name: 'server-restarted',
    toServer: true,
    run: (site, { seconds }) => again(site, (seconds * 1000) / restarts, async () => site.subject.restartServer?.()),
  },
  {
    ...usual,
    name: 'half-the-pool-dead',
    ending: 'kill',
    more: 1,
    async run(site) {
      await site.rest(1000);
      const all = site.backends(mainPool);
      const half = all.slice(0, all.length >> 1);
      for (const backend of half) backend.end();
      return half.length;
    },
  },
];

/** Does something until the time is over. */
async function again(site: Site, pauseMs: number, act: (turn: number) => Promise<void>): Promise<number> {
  let turn = 0;
  for (; !site.isOver(); turn++) {
    const started = performance.now();
    await act(turn);
    await site.rest(Math.max(0, pauseMs - (performance.now() - started)));
  }
  return turn;
}

/**
 * A new backend for the oldest, one by one. None starts while another one ends: pods start on other machines, but here a process that starts takes
 * the processor from the one that ends and from the proxy that is to hear of it.
 */
async function replaceAll(site: Site, pool: string, timing: Timing, count: number): Promise<number> {
  for (let done = 0; done < count; done++) {
    const [old] = site.backends(pool);
    if (!old) throw new Error(`the pool ${pool} is empty`);
    await site.add(pool, await site.startBackend(old.kind));
    await site.rest(minReadyMs);
    await endOf(site, pool, old, timing);
  }
  return count;
}

async function endOf(site: Site, pool: string, old: Parameters<Site['add']>[1], timing: Timing): Promise<void> {
  if (timing === 'late') {
    old.end();
    await site.rest(lateMs);
  } else {
    const told = site.announce(pool, old);
    if (timing === 'announced') await Promise.all([told, site.rest(announcedMs)]);
    old.end();
    await told;
    await Promise.race([old.ended, site.rest(announcedMs)]);
  }
  await site.remove(pool, old);
}
