import type { Manifest, ManifestKind } from './manifest.ts';

/** An object as the API server has it. */
export interface LiveObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[];
  };
  readonly [field: string]: unknown;
}

/** An object as it is found in a list, which does not say its kind. */
export interface Found {
  readonly kind: ManifestKind;
  readonly object: LiveObject;
}

/** Whose it is, by its uid. Undefined: nobody's. */
export const ownerOf = ({ metadata }: LiveObject): string | undefined => metadata.ownerReferences?.find(({ controller }) => controller)?.uid;

/** What makes the cluster as it is wanted. */
export interface Steps {
  /** With what is there now; undefined: it was not found. */
  readonly apply: readonly { readonly manifest: Manifest; readonly live: LiveObject | undefined }[];
  readonly remove: readonly Found[];
}

/**
 * What has to be written so that each Gateway has what it wants. Only what belongs to one of them is removed: what others made, and
 * what belongs to Gateways that are not known, is left alone.
 * @param wanted by uid of the Gateway, empty where it wants nothing. A Gateway of which nobody can say what it wants is not in it.
 */
export function stepsTo(wanted: ReadonlyMap<string, readonly Manifest[]>, found: readonly Found[]): Steps {
  const live = new Map(found.map((one) => [idOf(one.kind, one.object), one.object]));
  const manifests = [...wanted.values()].flat();
  const apply = manifests.flatMap((manifest) => {
    const { kind, apiVersion: _, ...content } = manifest;
    const there = live.get(idOf(kind, manifest));
    return there && isOwnedAs(there, manifest) && says(there, content) ? [] : [{ manifest, live: there }];
  });
  const kept = new Set(manifests.map((manifest) => idOf(manifest.kind, manifest)));
  const remove = found.filter(({ kind, object }) => {
    const owner = ownerOf(object);
    return owner !== undefined && wanted.has(owner) && !kept.has(idOf(kind, object)) && object.metadata.deletionTimestamp === undefined;
  });
  return { apply, remove };
}

/** Whether an object belongs to the Gateway that the manifest is for. */
export function isOwnedAs(live: LiveObject, manifest: Manifest): boolean {
  return ownerOf(live) === manifest.metadata.ownerReferences[0].uid;
}

function idOf(kind: ManifestKind, { metadata }: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** Whether a value says all that is wanted, whatever it says besides: the API server adds defaults. Entries of lists have their places. */
export function says(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(live) && live.length === wanted.length && wanted.every((one, index) => says(live[index], one));
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof live !== 'object' || live === null) return false;
    return Object.entries(wanted).every(([name, value]) => says((live as Readonly<Record<string, unknown>>)[name], value));
  }
  return live === wanted || (typeof live === 'string' && typeof wanted === 'string' && isSameQuantity(live, wanted));
}

const factors: Readonly<Record<string, number>> = { '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** The API server writes quantities in its own way: `0.5` as `500m`. */
function isSameQuantity(one: string, other: string): boolean {
  const [a, b] = [quantityOf(one), quantityOf(other)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.abs(a);
}

function quantityOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([A-Za-z]{0,2})$/.exec(text) ?? [];
  const factor = factors[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
