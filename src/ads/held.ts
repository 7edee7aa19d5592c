import { hash } from 'node:crypto';
import type { Resource } from '../resource.ts';

/** What a client has under a name. Only the version is known where it brought the resource from an earlier stream. */
export type Held = Resource | { readonly version: string };

/** Whether the bytes of what a client has are known here. */
export function isWhole(held: Held): held is Resource {
  return 'bytes' in held;
}

/** What a client has of one type once it has read all that was sent; knows a version of the whole at any time. */
export interface HeldSet {
  readonly entries: ReadonlyMap<string, Held>;
  set(name: string, held: Held): void;
  delete(name: string): boolean;
  /** Hash of names and versions, independent of their order: equal on every replica and after every restart. */
  version(): string;
}

// The hash of a resource's name and version is the same on every stream.
const hashes = new WeakMap<Held, bigint>();

/** Makes an empty set. */
export function createHeldSet(): HeldSet {
  const entries = new Map<string, Held>();
  let sum = 0n;
  const forget = (name: string): boolean => {
    const held = entries.get(name);
    if (!held) return false;
    sum ^= hashOf(name, held);
    return entries.delete(name);
  };
  return {
    entries,
    set(name, held) {
      forget(name);
      entries.set(name, held);
      sum ^= hashOf(name, held);
    },
    delete: forget,
    version: () => sum.toString(16).padStart(16, '0'),
  };
}

function hashOf(name: string, held: Held): bigint {
  let found = hashes.get(held);
  if (found === undefined) {
    found = BigInt(`0x${hash('sha256', JSON.stringify([name, held.version]), 'hex').slice(0, 16)}`);
    hashes.set(held, found);
  }
  return found;
}
