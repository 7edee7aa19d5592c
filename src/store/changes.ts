import { type Kind, kinds } from '../kind/index.ts';
import { listChange } from './list-change.ts';
import type { Stored } from './stored.ts';
import type { StoreView } from './view.ts';

/** The objects of a moment, to be compared with those of another one. */
export interface Moment {
  readonly lists: ReadonlyMap<Kind, readonly Stored[]>;
  /** Stands for the moment where it is only asked whether it is the same: whoever keeps it does not keep the objects. */
  readonly mark: object;
}

/** What changed from one moment to the next. */
export interface Changes {
  /** Undefined: there was none, all is new. */
  readonly before: Moment | undefined;
  readonly now: Moment;
  /** Keys of all that is not what it was. Undefined: anything may be different. */
  readonly touched: ReadonlySet<string> | undefined;
}

/** Kinds that there are thousands of, and that change all the time. What another one says may mean something for anything. */
const followed: ReadonlySet<Kind> = new Set(['Backend', 'EndpointSlice', 'GRPCRoute', 'HTTPRoute', 'Ingress', 'Service']);
const kindNames = Object.keys(kinds) as readonly Kind[];

/** What stands for an object. */
export const objectKey = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;
/** What stands for all objects of a kind. */
export const kindKey = (kind: Kind): string => kind;
/** What stands for the slices of a Service. */
export const slicesKey = (namespace: string, service: string): string => `slices ${namespace}/${service}`;

/** What changed since a moment. It costs a look at the lists, and little for each object. */
export function changesSince(before: Moment | undefined, view: StoreView): Changes {
  const now: Moment = { lists: new Map(kindNames.map((kind) => [kind, view.list(kind)])), mark: {} };
  return { before, now, touched: before && touchedBetween(before, now) };
}

function touchedBetween(before: Moment, now: Moment): ReadonlySet<string> | undefined {
  const touched = new Set<string>();
  for (const [kind, list] of now.lists) {
    const old = before.lists.get(kind);
    if (old === list) continue;
    if (!old || !followed.has(kind)) return undefined;
    const { gone, come } = listChange(old, list);
    touched.add(kindKey(kind));
    for (const object of [...gone, ...come]) for (const key of keysOf(object)) touched.add(key);
  }
  return touched;
}

function keysOf(object: Stored): readonly string[] {
  const { kind, namespace, name } = object;
  const service = object.kind === 'EndpointSlice' ? object.object.metadata.labels?.['kubernetes.io/service-name'] : undefined;
  return [objectKey(kind, namespace, name), ...(service === undefined ? [] : [slicesKey(namespace, service)])];
}

/** What a key stands for, without a name: few words in all. */
export function subjectOf(key: string): string {
  const end = key.indexOf(' ');
  return end < 0 ? key : key.slice(0, end);
}
