import { type Resource, typeUrls } from '../resource.ts';
import type { Answer } from './answer.ts';

/**
 * Encodes an answer as a `DiscoveryResponse` or a `DeltaDiscoveryResponse`. The bytes of each resource are made once for all
 * streams; an answer joins them with its own few fields.
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 */
export function encodeAnswer({ protocol, type, nonce, version, resources, removed }: Answer): Buffer {
  const typeUrl = text(4, typeUrls[type]);
  if (protocol === 'sotw') return Buffer.concat([text(1, version), ...resources.map(sotwChunk), typeUrl, text(5, nonce)]);
  return Buffer.concat([text(1, version), ...resources.map(deltaChunk), typeUrl, text(5, nonce), ...removed.map((name) => text(6, name))]);
}

const sotwChunks = new WeakMap<Resource, Buffer>();
const deltaChunks = new WeakMap<Resource, Buffer>();

/** `DiscoveryResponse.resources`: an Any. */
const sotwChunk = (resource: Resource): Buffer => kept(sotwChunks, resource, () => anyOf(resource));

/** `DeltaDiscoveryResponse.resources`: version, Any, name. */
const deltaChunk = (resource: Resource): Buffer =>
  kept(deltaChunks, resource, () => field(2, Buffer.concat([text(1, resource.version), anyOf(resource), text(3, resource.name)])));

/** An Any stands at number 2 in both. */
const anyOf = ({ type, bytes }: Resource): Buffer => field(2, Buffer.concat([text(1, typeUrls[type]), field(2, bytes)]));

function kept(chunks: WeakMap<Resource, Buffer>, resource: Resource, make: () => Buffer): Buffer {
  let chunk = chunks.get(resource);
  if (!chunk) {
    chunk = make();
    chunks.set(resource, chunk);
  }
  return chunk;
}

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

/** A length-delimited field; numbers up to 15 have a tag of one byte. @see https://protobuf.dev/programming-guides/encoding/ */
function field(number: number, value: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = value.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, rest]), value]);
}
