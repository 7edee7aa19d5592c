import protobuf from 'protobufjs';
import { memoized, memoizedWhileUsed } from '../../memo/memoized.ts';
import { keptBytes } from '../../proto/kept-bytes.ts';
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../../resource.ts';
import { byteLengthOf, writeBytesOf } from '../../route-table.ts';
import type { Answer } from '../stream/answer.ts';
import { many } from '../stream/long-lists.ts';
import { giveBack } from './give-back.ts';

/** What can be written where it is sent, as a `Buffer` can. */
interface Piece {
  readonly byteLength: number;
  /** Writes the whole of it into a buffer. @param at where it begins there. @returns how many bytes were written. */
  copy(target: Buffer, at: number): number;
}

/**
 * An encoded message in pieces, so that it is put together only once, where it is sent. It has the two members of a `Buffer`
 * that the gRPC library uses of one.
 */
export interface EncodedAnswer extends Piece {
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
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
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
      return end - at;
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
  target[at] = tagOf(number);
  target[at + 1] = value.length;
  return at + 2 + target.write(value, at + 2, 'latin1');
}

/** Adds a resource to the answer that is written, as its field number 2. */
const writers = {
  /** `DiscoveryResponse.resources`: an Any. */
  sotw: writeAny,
  /** `DeltaDiscoveryResponse.resources`: version, Any, name. */
  delta: (answer: protobuf.Writer, resource: Resource): protobuf.Writer =>
    writeAny(answer.uint32(tagOf(2)).fork().uint32(tagOf(1)).string(resource.version), resource)
      .uint32(tagOf(3))
      .string(resource.name)
      .ldelim(),
};

/** An Any stands at number 2 in both. */
function writeAny(message: protobuf.Writer, { type, bytes }: Resource): protobuf.Writer {
  return message.uint32(tagOf(2)).fork().uint32(tagOf(1)).string(typeUrls[type]).uint32(tagOf(2)).bytes(bytes).ldelim();
}

/** Of what changes and is sent at once. */
const single = { sotw: memoized(piece('sotw')), delta: memoized(piece('delta')) };

/** Of long lists, which all streams send while they start. */
const joined = { sotw: memoizedWhileUsed(encodedTogether('sotw')), delta: memoizedWhileUsed(encodedTogether('delta')) };

function piece(protocol: Answer['protocol']): (resource: Resource) => Piece {
  return (resource) =>
    resource.type === 'routes' ? tablePiece(protocol, resource) : keptBytes(writers[protocol](protobuf.Writer.create(), resource).finish());
}

/** A table may have thousands of virtual hosts, which are written one by one: what stands around them is all that is made for it. */
function tablePiece(protocol: Answer['protocol'], table: Resource): Piece {
  const length = byteLengthOf(table);
  const start = Buffer.concat([text(1, typeUrls[table.type]), head(2, length)]);
  const any = Buffer.concat([head(2, start.length + length), start]);
  const name = protocol === 'delta' ? text(3, table.name) : noBytes;
  const version = text(1, table.version);
  const before = protocol === 'delta' ? Buffer.concat([head(2, version.length + any.length + length + name.length), version, any]) : any;
  return {
    byteLength: before.length + length + name.length,
    copy(target, at) {
      const end = writeBytesOf(table, target, at + before.copy(target, at));
      return end + name.copy(target, end) - at;
    },
  };
}

function encodedTogether(protocol: Answer['protocol']): (resources: readonly Resource[]) => Buffer {
  return (resources) => {
    const answer = protobuf.Writer.create();
    for (const resource of resources) writers[protocol](answer, resource);
    return answer.finish() as Buffer;
  };
}

function piecesOf(protocol: Answer['protocol'], resources: readonly Resource[]): readonly Piece[] {
  return resources.length < many ? resources.map(single[protocol]) : [joined[protocol](resources)];
}

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

const typeFields = Object.fromEntries(resourceTypes.map((type) => [type, text(4, typeUrls[type])])) as Record<ResourceType, Buffer>;

/** A length-delimited field of a message. @see https://protobuf.dev/programming-guides/encoding/ */
export function field(number: number, value: Uint8Array): Buffer {
  return protobuf.Writer.create().uint32(tagOf(number)).bytes(value).finish() as Buffer;
}

/** What stands before the value of such a field. */
function head(number: number, length: number): Buffer {
  return protobuf.Writer.create().uint32(tagOf(number)).uint32(length).finish() as Buffer;
}

/** Of a field that is length-delimited. */
function tagOf(number: number): number {
  return (number << 3) | 2;
}
