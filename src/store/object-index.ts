import type { Kind } from '../kind/index.ts';
import { createObjectList, type ObjectList, oldestFirst } from './object-list.ts';
import { keyText } from './sink.ts';
import type { Stored } from './stored.ts';
import type { StoreView } from './view.ts';

/** The objects that hold, by kind and name, and slices by their Service. */
export interface ObjectIndex {
  /** The objects as they are now; the same view all the time. */
  readonly view: StoreView;
  get(key: string): Stored | undefined;
  /** @param before what is there under the key. Not both are undefined. */
  replace(key: string, before: Stored | undefined, after: Stored | undefined): void;
  /** The objects as they are at this moment, whatever becomes of them. */
  frozen(): StoreView;
}

type Slices = readonly Stored<'EndpointSlice'>[];

/** What was there at a moment, of what changed between it and the next one. */
interface Moment {
  readonly objects: Map<string, Stored | undefined>;
  readonly lists: Map<string, readonly Stored[]>;
  readonly slices: Map<string, Slices>;
  /** Undefined: it is the last one. */
  next?: Moment;
}

const noObjects: readonly Stored[] = [];
const noSlices: Slices = [];

/** An empty one. */
export function createObjectIndex(): ObjectIndex {
  const byKey = new Map<string, Stored>();
  const byKind = new Map<string, ObjectList>();
  const slices = new Map<string, Slices>();
  /** The last moment that somebody holds on to. What it does not have did not change since. */
  let last: Moment | undefined;

  const listOf = (kind: string): readonly Stored[] => byKind.get(kind)?.sorted() ?? noObjects;
  const slicesOf = (service: string): Slices => slices.get(service) ?? noSlices;

  function replaceSlice(slice: Stored<'EndpointSlice'>, after: Stored<'EndpointSlice'> | undefined): void {
    const service = serviceOf(slice);
    if (last && !last.slices.has(service)) last.slices.set(service, slicesOf(service));
    const others = slicesOf(service).filter(({ namespace, name }) => namespace !== slice.namespace || name !== slice.name);
    const next = after ? [...others, after].sort(oldestFirst) : others;
    if (next.length > 0) slices.set(service, next);
    else slices.delete(service);
  }

  return {
    view: viewOf(
      (key) => byKey.get(key),
      (kind) => listOf(kind),
      (service) => slicesOf(service),
    ),
    get: (key) => byKey.get(key),
    frozen() {
      const moment: Moment = { objects: new Map(), lists: new Map(), slices: new Map() };
      if (last) last.next = moment;
      last = moment;
      return viewOf(
        (key) =>
          find(
            moment,
            ({ objects }) => objects.has(key),
            ({ objects }) => objects.get(key),
            () => byKey.get(key),
          ),
        (kind) =>
          find(
            moment,
            ({ lists }) => lists.has(kind),
            ({ lists }) => lists.get(kind) ?? [],
            () => listOf(kind),
          ),
        (service) =>
          find(
            moment,
            ({ slices: own }) => own.has(service),
            ({ slices: own }) => own.get(service) ?? noSlices,
            () => slicesOf(service),
          ),
      );
    },
    replace(key, before, after) {
      const { kind } = (after ?? before) as Stored;
      if (last && !last.objects.has(key)) last.objects.set(key, before);
      if (last && !last.lists.has(kind)) last.lists.set(kind, listOf(kind));
      const list = byKind.get(kind) ?? createObjectList();
      byKind.set(kind, list);
      list.replace(key, before, after);
      if (before?.kind === 'EndpointSlice') replaceSlice(before, undefined);
      if (after?.kind === 'EndpointSlice') replaceSlice(after, after);
      if (after) byKey.set(key, after);
      else byKey.delete(key);
    },
  };
}

/** What was there at a moment: the first that was kept since, else what is there now. */
function find<Found>(from: Moment, has: (moment: Moment) => boolean, get: (moment: Moment) => Found, now: () => Found): Found {
  for (let moment: Moment | undefined = from; moment; moment = moment.next) if (has(moment)) return get(moment);
  return now();
}

function viewOf(object: (key: string) => Stored | undefined, list: (kind: string) => readonly Stored[], slices: (service: string) => Slices): StoreView {
  return {
    get: <K extends Kind>(kind: K, namespace: string, name: string) => object(keyText({ kind, namespace, name })) as Stored<K> | undefined,
    list: <K extends Kind>(kind: K) => list(kind) as readonly Stored<K>[],
    endpointSlices: (namespace, service) => slices(`${namespace}/${service}`),
  };
}

const serviceOf = (slice: Stored<'EndpointSlice'>): string => `${slice.namespace}/${slice.object.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
