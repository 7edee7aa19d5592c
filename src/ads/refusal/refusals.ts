import type { Origin } from '../../diagnostic.ts';
import type { Resource, ResourceType, Snapshot } from '../../resource.ts';
import { type RoutePiece, routePieces, withPieces } from '../../revision/route-pieces.ts';
import { standInPiece } from '../../revision/stand-in-piece.ts';

/** A version of a resource, or of a piece of a route configuration, that clients of one version refuse, or one client at its place. */
export interface Refusal {
  readonly type: ResourceType;
  /** Of the resource. */
  readonly name: string;
  /** Of the resource. */
  readonly version: string;
  /** Of the resource. */
  readonly origins: readonly Origin[];
  /** Undefined: the resource as a whole. */
  readonly piece?: RoutePiece;
  /** What clients have instead: the form that they took last, a 503 for what a piece would have taken, or nothing. */
  readonly instead: 'lastGood' | 'standIn' | 'nothing';
  /** Encoded parts of the last good form of a piece. */
  readonly good?: readonly Uint8Array[];
  /** The client's words. */
  readonly message: string;
  /** `node.id` of the one client that it concerns. Undefined: all of its version. @see place.ts */
  readonly node?: string;
  /**
   * A route configuration whose pieces could not be tried, as it is not known what its client has of them. It concerns those of which
   * that is not known either; others are sent it, and find the piece.
   */
  readonly isUnsearched?: true;
}

/** A refusal, and by whom. */
export interface ToldRefusal extends Refusal {
  readonly group: string;
  /** `envoy 1.40.0` */
  readonly agent: string;
}

/** What clients of one version refuse of one group. What one of them found, the others are not sent. */
export interface KnownRefusals {
  /**
   * The refusal of a resource in this version as a whole, by all clients.
   * @param isSearchable whether pieces of it can be tried on the client that it is for.
   */
  whole(resource: Resource, isSearchable: boolean): Refusal | undefined;
  /** The refusal of a piece in this version. */
  ofPiece(name: string, piece: RoutePiece): Refusal | undefined;
  /** Whether anything of a type is refused. */
  hasAny(type: ResourceType): boolean;
  /** The resource with its refused pieces replaced; itself where there are none. */
  mended(resource: Resource): Resource;
  note(refusal: Refusal): void;
  /** What one client refused at its place is over: the listener of a name, or all where it is gone. */
  over(node: string, name?: string): void;
  list(): readonly Refusal[];
}

/** Of one version and group; the oldest are forgotten first, and found again. */
const mostRefusals = 1000;

/** Nothing is refused yet. */
export function createKnownRefusals(): KnownRefusals & { replaced(snapshot: Snapshot): void } {
  const refusals = new Map<string, Refusal>();
  const counts = new Map<ResourceType, number>();
  // What is replaced in a route configuration depends on it and on what is known.
  let mended = new WeakMap<Resource, Resource>();

  // What a configuration says beside its hosts has an empty key, which is another one than none.
  const keyOf = (type: ResourceType, name: string, piece?: string, node?: string): string => JSON.stringify([type, name, piece, node]);
  function put(key: string, refusal: Refusal | undefined): void {
    const before = refusals.get(key);
    for (const [one, step] of [[before, -1] as const, [refusal, 1] as const]) {
      if (one) counts.set(one.type, (counts.get(one.type) ?? 0) + step);
    }
    refusals.delete(key);
    if (refusal) refusals.set(key, refusal);
    mended = new WeakMap();
  }
  function ofPiece(name: string, piece: RoutePiece): Refusal | undefined {
    const refusal = refusals.get(keyOf('routes', name, piece.key));
    return refusal?.piece?.version === piece.version ? refusal : undefined;
  }
  return {
    whole({ type, name, version }, isSearchable) {
      if (refusals.size === 0) return undefined;
      const refusal = refusals.get(keyOf(type, name));
      return refusal?.version === version && !(refusal.isUnsearched && isSearchable) ? refusal : undefined;
    },
    ofPiece,
    hasAny: (type) => (counts.get(type) ?? 0) > 0,
    mended(resource) {
      if (!counts.get('routes')) return resource;
      let found = mended.get(resource);
      if (!found) {
        const forms = new Map<string, readonly Uint8Array[]>();
        for (const piece of routePieces(resource).values()) {
          const refusal = ofPiece(resource.name, piece);
          if (refusal) forms.set(piece.key, formOf(refusal));
        }
        found = withPieces(resource, forms);
        mended.set(resource, found);
      }
      return found;
    },
    note(refusal) {
      for (const [key, known] of refusals) if (outdates(refusal, known)) put(key, undefined);
      put(keyOf(refusal.type, refusal.name, refusal.piece?.key, refusal.node), refusal);
      const [oldest] = refusals.keys();
      if (refusals.size > mostRefusals && oldest !== undefined) put(oldest, undefined);
    },
    over(node, name) {
      if (refusals.size === 0) return;
      for (const [key, refusal] of refusals) if (refusal.node === node && (name === undefined || refusal.name === name)) put(key, undefined);
    },
    list: () => [...refusals.values()],
    replaced({ resources }) {
      for (const [key, { type, name, version, piece }] of refusals) {
        const now = resources[type].get(name);
        const isThere = piece ? now && routePieces(now).get(piece.key)?.version === piece.version : now?.version === version;
        if (!isThere) put(key, undefined);
      }
    },
  };
}

/**
 * Whether a refusal of a route configuration makes another one void: a piece that is found explains why the whole was refused, and where
 * the whole is refused in all forms, its pieces explain nothing.
 */
function outdates(refusal: Refusal, known: Refusal): boolean {
  if (refusal.type !== 'routes' || known.type !== 'routes' || refusal.name !== known.name) return false;
  return refusal.piece ? known.isUnsearched === true : known.piece !== undefined && !refusal.isUnsearched;
}

/** What takes the place of a refused piece. */
export function formOf({ piece, instead, good }: Refusal): readonly Uint8Array[] {
  if (instead === 'nothing' || !piece) return [];
  return instead === 'lastGood' && good ? good : standInPiece(piece);
}

/** What clients refuse, for all groups and versions. */
export interface Refusals {
  /** Of clients of one version in one group. */
  of(group: string, agent: string): KnownRefusals;
  /** Forgets what a snapshot of a group does not have any more. */
  replaced(snapshot: Snapshot): void;
  list(): readonly ToldRefusal[];
}

/** A client says itself what version it is: the versions that came first are forgotten, and what they refuse is found again. */
const mostVersions = 256;

/** Nothing is refused yet. */
export function createRefusals(): Refusals {
  const known = new Map<string, { readonly group: string; readonly agent: string; readonly refusals: ReturnType<typeof createKnownRefusals> }>();
  return {
    of(group, agent) {
      const key = JSON.stringify([group, agent]);
      const found = known.get(key) ?? { group, agent, refusals: createKnownRefusals() };
      known.delete(key);
      known.set(key, found);
      const [oldest] = known.keys();
      if (known.size > mostVersions && oldest !== undefined) known.delete(oldest);
      return found.refusals;
    },
    replaced(snapshot) {
      for (const { group, refusals } of known.values()) if (group === snapshot.group) refusals.replaced(snapshot);
    },
    list: () => [...known.values()].flatMap(({ group, agent, refusals }) => refusals.list().map((refusal) => ({ ...refusal, group, agent }))),
  };
}
