import type { Cause } from '../revision/history.ts';
import { keyText } from '../store/sink.ts';
import type { StoreChange } from '../store/store.ts';

/** More are counted, not named. */
const mostCauses = 20;

/** Why a revision was built. */
export interface CausesOfRevision {
  readonly cause: readonly Cause[];
  readonly moreCauses: number;
}

/** The objects that changed since the last build. */
export interface Causes {
  add(changes: readonly StoreChange[]): void;
  /** What there is; the next ones begin anew. */
  take(): TakenCauses;
}

/** The changes that a build has in it. */
export interface TakenCauses {
  /** Made readable when first asked for. */
  readonly words: () => CausesOfRevision;
  /** The build came to nothing: they count for the next one. */
  putBack(): void;
}

/** Starts without any. An object that changed several times is named once; EndpointSlices are not, as they shape no revision. */
export function createCauses(): Causes {
  let changed = new Map<string, StoreChange>();
  const add = (changes: Iterable<StoreChange>): void => {
    for (const change of changes) {
      if (change.kind === 'EndpointSlice') continue;
      const key = keyText(change);
      const first = changed.get(key) ?? change;
      changed.set(key, merged(first, change));
    }
  };
  return {
    add,
    take() {
      const taken = changed;
      changed = new Map();
      let made: CausesOfRevision | undefined;
      return {
        words() {
          const all = [...taken.values()];
          made ??= { cause: all.slice(0, mostCauses).map(causeOf), moreCauses: Math.max(0, all.length - mostCauses) };
          return made;
        },
        putBack() {
          const later = changed;
          changed = taken;
          add(later.values());
        },
      };
    },
  };
}

/** As it was before the first change, as it is after the last. */
function merged({ before }: StoreChange, { kind, namespace, name, after }: StoreChange): StoreChange {
  return { kind, namespace, name, ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

function causeOf({ kind, namespace, name, before, after }: StoreChange): Cause {
  const at = (after ?? before)?.origin();
  const object = at?.object ?? [kind, namespace, name].filter((part) => part !== '').join(' ');
  return { object, change: !after ? 'removed' : before ? 'changed' : 'added', ...(at ? { at } : {}) };
}
