import { type ApiResource, pathOf } from './discovery.ts';

/** An object as the API server last told of it, without what nobody here asks for. */
export interface LiveObject {
  /** `/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop`. */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** Undefined: its kind has none. */
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
  };
  /** Undefined: it is valid, and the store has it. */
  readonly spec?: unknown;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Objects of the kinds whose status is written, as the API server last told of them: who writes one need not read it before. */
export interface LiveObjects {
  follows(kind: string): boolean;
  /** By the text of their keys. */
  ids(): Iterable<string>;
  get(id: string): LiveObject | undefined;
  /** The API server tells of an object, in a list or an event. @param isValid otherwise its `spec` is kept too. */
  tell(id: string, kind: string, resource: ApiResource, raw: unknown, isValid: boolean): void;
  /** The API server tells of an object in its answer to who wrote it. What it told since is newer. @param written with this `resourceVersion`. */
  answered(id: string, written: string, raw: unknown): void;
  gone(id: string): void;
}

/** Kept as text: many objects hold the same few words, and are read when they are to be written. */
interface Kept {
  readonly kind: string;
  readonly resource: ApiResource;
  readonly isValid: boolean;
  readonly version: string;
  readonly text: string;
}

type Parts = Pick<LiveObject, 'metadata' | 'spec' | 'status'>;

/** @param kinds of which objects are kept. */
export function createLiveObjects(kinds: ReadonlySet<string>): LiveObjects {
  const objects = new Map<string, Kept>();
  return {
    follows: (kind) => kinds.has(kind),
    ids: () => objects.keys(),
    get(id) {
      const kept = objects.get(id);
      if (!kept) return undefined;
      const { kind, resource, text } = kept;
      const parts = JSON.parse(text) as Parts;
      const { namespace, name } = parts.metadata;
      return { path: `${pathOf(resource, namespace)}/${name}`, apiVersion: resource.apiVersion, kind, ...parts };
    },
    tell(id, kind, resource, raw, isValid) {
      objects.set(id, { kind, resource, ...keptOf(raw, isValid) });
    },
    answered(id, written, raw) {
      const kept = objects.get(id);
      if (kept?.version === written) objects.set(id, { ...kept, ...keptOf(raw, kept.isValid) });
    },
    gone: (id) => void objects.delete(id),
  };
}

function keptOf(raw: unknown, isValid: boolean): Pick<Kept, 'isValid' | 'version' | 'text'> {
  const { metadata, spec, status } = raw as Parts;
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  const parts = { metadata: { name, namespace, uid, resourceVersion, generation }, ...(!isValid && { spec }), status };
  return { isValid, version: resourceVersion, text: JSON.stringify(parts) };
}
