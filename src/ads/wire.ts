import { keptBytes } from '../proto/kept-bytes.ts';
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../resource.ts';
import type { Answer } from './answer.ts';
import { giveBack } from './give-back.ts';
import { many, sharedBy, sharedWhileUsed } from './shared.ts';

/**
 * An encoded message in pieces, so that it is put together only once, where it is sent. It has the two members of a `Buffer`
 * that the gRPC library uses of one.
 */
export interface EncodedAnswer {
  readonly byteLength: number;
  /** Writes the whole of it into a buffer. @param at where it begins there. */
  copy(target: Buffer, at: number): void;
  /**
   * Gives the memory of that buffer back, which nobody may read any more.
   */
  release(): void;
}

/**
 * Encodes an answer as a `DiscoveryResponse` or a `DeltaDiscoveryResponse`. The bytes of each resource are made once for all
 * streams; an answer joins them with its own few fields.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 */
export function encodeAnswer({ protocol, type, nonce, version, resources, removed }: Answer): EncodedAnswer {
  const pieces = piecesOf(protocol, resources);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const gone = removed.length === 0 ? noBytes : Buffer.concat(removed.map((name) => text(6, name)));
  const ownLength = shortFieldLength(version) + typeFields[type].length + shortFieldLength(nonce) + gone.length;
  let written: Buffer | undefined;
  return {
    byteLength: ownLength + length,
    copy(target, at) {
      written = target;
      let end = writeShortField(target, at, 1, version);
      end += typeFields[type].copy(target, end);
      end = writeShortField(target, end, 5, nonce);
      end += gone.copy(target, end);
      for (const piece of pieces) end += piece.copy(target, end);
    },
    release() {
      if (written) giveBack(written);
      written = undefined;
    },
  };
}

const noBytes = Buffer.alloc(0);

// Versions and nonces are ours: ASCII, and shorter than the 128 characters whose length takes a second byte.
const shortFieldLength = (value: string): number => 2 + value.length;

/** @returns where it ends. */
function writeShortField(target: Buffer, at: number, number: number, value: string): number {
  target[at] = (number << 3) | 2;
  target[at + 1] = value.length;
  return at + 2 + target.write(value, at + 2, 'latin1');
}

/** A resource as a field of an answer. */
const fields = {
  /** `DiscoveryResponse.resources`: an Any. */
  sotw: (resource: Resource): Buffer => anyOf(resource),
  /** `DeltaDiscoveryResponse.resources`: version, Any, name. */
  delta: (resource: Resource): Buffer => field(2, Buffer.concat([text(1, resource.version), anyOf(resource), text(3, resource.name)])),
};

/** Of what changes and is sent at once. */
const single = {
  sotw: sharedBy((resource: Resource) => keptBytes(fields.sotw(resource))),
  delta: sharedBy((resource: Resource) => keptBytes(fields.delta(resource))),
};

/** Of long lists, which all streams send while they start, and nobody sends later. */
const joined = {
  sotw: sharedWhileUsed((resources: readonly Resource[]) => Buffer.concat(resources.map(fields.sotw))),
  delta: sharedWhileUsed((resources: readonly Resource[]) => Buffer.concat(resources.map(fields.delta))),
};

function piecesOf(protocol: Answer['protocol'], resources: readonly Resource[]): readonly Buffer[] {
  return resources.length < many ? resources.map(single[protocol]) : [joined[protocol](resources)];
}

/** An Any stands at number 2 in both. */
const anyOf = ({ type, bytes }: Resource): Buffer => field(2, Buffer.concat([text(1, typeUrls[type]), field(2, bytes)]));

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

const typeFields = Object.fromEntries(resourceTypes.map((type) => [type, text(4, typeUrls[type])])) as Record<ResourceType, Buffer>;

/** A length-delimited field of a message; numbers up to 15 have a tag of one byte. @see https://protobuf.dev/programming-guides/encoding/ */
export function field(number: number, value: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = value.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), value]);
}
