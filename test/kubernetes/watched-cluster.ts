import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { createKubernetesSource, type KubernetesSourceOptions } from '../../src/source/kubernetes.ts';
import type { Sink, SourceChange } from '../../src/store/sink.ts';
import { createStore, type Store, type StoreChange } from '../../src/store/store.ts';

/** A cluster that is read into a store. `await using` ends it. */
export interface WatchedCluster extends AsyncDisposable {
  readonly store: Store;
  /** What the store told of changes, oldest first. */
  readonly changes: readonly StoreChange[];
  /** How often the source listed. */
  lists(): number;
  /** What the source told of changes. */
  readonly told: readonly SourceChange[];
  /** `KIND NAMESPACE/NAME` of all objects of these kinds, sorted. */
  objects(...kinds: readonly string[]): readonly string[];
  codes(): readonly string[];
  /** Lines of the log. */
  readonly log: readonly string[];
}

export function watchCluster(options: Partial<KubernetesSourceOptions> & { readonly kubeconfig: string }): WatchedCluster {
  const log: string[] = [];
  const source = createKubernetesSource({
    namespaces: [],
    named: [],
    clock: systemClock,
    log: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    ...options,
  });
  const store = createStore([source.name]);
  const changes: StoreChange[] = [];
  const told: SourceChange[] = [];
  let lists = 0;
  store.subscribe((some) => void changes.push(...some));
  const inner = store.sink(source.name);
  const sink: Sink = {
    ...inner,
    list(all) {
      lists += 1;
      inner.list(all);
    },
    change(change) {
      told.push(change);
      inner.change(change);
    },
  };
  const ending = new AbortController();
  const running = source.run(sink, ending.signal);
  const objects = (...wanted: readonly string[]): readonly string[] =>
    wanted.flatMap((kind) => store.view.list(kind as 'Service').map((one) => one.origin().object ?? '')).sort();
  return {
    store,
    changes,
    told,
    lists: () => lists,
    objects,
    codes: () => store.diagnostics().map(({ code, at }) => `${code} ${at.object ?? ''}`.trim()),
    log,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}
