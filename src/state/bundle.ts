import { hash } from 'node:crypto';
import type { Origin } from '../diagnostic.ts';
import type { EndpointOrigin } from '../ir/backend.ts';
import type { Resource, ResourceMap, ResourceType } from '../resource.ts';

/** A resource in a bundle; a cluster with where its endpoints come from. */
export interface Member {
  readonly resource: Resource;
  readonly endpointOrigin?: EndpointOrigin;
}

/**
 * Resources of one type whose names fall into one of 64 parts: what is stored as one piece, and shared by all revisions that
 * have exactly these resources. Single resources would be thousands of small files; a whole type would be written anew for
 * every change.
 */
export interface Bundle {
  /** Hash of the names and versions of its members. */
  readonly id: string;
  readonly type: ResourceType;
  /** By name. */
  readonly members: readonly Member[];
}

/** How many parts there are. */
export const partCount = 64;

/** The members of each part that is not empty, by the number of the part. */
export function partsOf(resources: ResourceMap, endpointOrigins: ReadonlyMap<string, EndpointOrigin>): ReadonlyMap<number, readonly Member[]> {
  const found = new Map<number, Member[]>();
  for (const resource of resources.values()) {
    const endpointOrigin = resource.type === 'clusters' ? endpointOrigins.get(resource.name) : undefined;
    const part = partOf(resource.name);
    const members = found.get(part) ?? [];
    members.push({ resource, ...(endpointOrigin && { endpointOrigin }) });
    found.set(part, members);
  }
  return found;
}

/** Part of a name: FNV-1a, which needs no more than to be even and the same everywhere. */
export function partOf(name: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) sum = Math.imul(sum ^ name.charCodeAt(index), 0x01000193);
  return (sum >>> 0) % partCount;
}

/** Members in the order in which they are written. */
export function inOrder(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => (a.resource.name < b.resource.name ? -1 : 1));
}

/** Puts members in order and names what they are together. */
export function bundleOf(type: ResourceType, members: readonly Member[]): Bundle {
  const sorted = inOrder(members);
  const content = sorted.map(({ resource, endpointOrigin }) => [resource.name, resource.version, endpointOrigin]);
  return { id: hash('sha256', JSON.stringify([type, content]), 'hex').slice(0, 32), type, members: sorted };
}

/** What the first line of an encoded bundle holds of each member, whose bytes follow in the same order. */
interface Head {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  /** Objects and fields. Lines of files are left out: they speak of files as they were. */
  readonly origins: readonly Origin[];
  readonly endpointOrigin?: EndpointOrigin;
}

/** A line of JSON, then the bytes of all members. */
export function encodeBundle({ type, members }: Pick<Bundle, 'type' | 'members'>): Buffer {
  const heads = members.map(({ resource: { name, version, bytes, origins }, endpointOrigin }): Head => {
    const objects = origins.map(({ object, field }) => ({ ...(object === undefined ? {} : { object }), ...(field === undefined ? {} : { field }) }));
    return { name, version, bytes: bytes.length, origins: objects, ...(endpointOrigin && { endpointOrigin }) };
  });
  return Buffer.concat([Buffer.from(`${JSON.stringify({ type, heads })}\n`), ...members.map(({ resource }) => resource.bytes)]);
}

/** @throws {Error} where it is none: the caller checks sums, so that this is a bug of ours. */
export function decodeBundle(encoded: Buffer): readonly Member[] {
  const end = encoded.indexOf(10);
  const { type, heads } = JSON.parse(encoded.toString('utf8', 0, end)) as { readonly type: ResourceType; readonly heads: readonly Head[] };
  let at = end + 1;
  return heads.map(({ name, version, bytes, origins, endpointOrigin }) => {
    const resource: Resource = { type, name, version, bytes: encoded.subarray(at, at + bytes), origins };
    at += bytes;
    return { resource, ...(endpointOrigin && { endpointOrigin }) };
  });
}
