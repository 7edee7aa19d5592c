import { keptBytes } from '../../proto/kept-bytes.ts';
import { forEachField } from '../../proto/wire-fields.ts';
import { noNames } from '../stream/names.ts';
import type { DeltaRequest, Node, SotwRequest, XdsRequest } from '../stream/request.ts';
import { endOfField } from './list-index.ts';
import type { Known, Repeated } from './repeated.ts';

/** Reads the requests of one stream. */
export interface RequestReader {
  /**
   * Takes what Sluice acts on from an encoded `DiscoveryRequest` or `DeltaDiscoveryRequest`. Resource locators are not read, as
   * Envoy uses names; what is not known is skipped.
   * @throws {Error} where the bytes are no message.
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
   */
  read(bytes: Buffer): XdsRequest;
}

/** Numbers of the fields of both messages; undefined: the message has none of the kind. */
interface Numbers {
  readonly version?: number;
  readonly node: number;
  readonly names: number;
  readonly unsubscribe?: number;
  readonly initialVersions?: number;
  readonly typeUrl: number;
  readonly nonce: number;
  readonly error: number;
}

const numbersOf: Readonly<Record<'sotw' | 'delta', Numbers>> = {
  sotw: { version: 1, node: 2, names: 3, typeUrl: 4, nonce: 5, error: 6 },
  delta: { node: 1, typeUrl: 2, names: 3, unsubscribe: 4, initialVersions: 5, nonce: 6, error: 7 },
};

/** A request that is being read. */
type Building = { -readonly [Key in keyof SotwRequest]: SotwRequest[Key] } | { -readonly [Key in keyof DeltaRequest]: DeltaRequest[Key] };

const noVersions: Readonly<Record<string, string>> = {};

/** From how many bytes on a list is worth to be kept for comparison with the next one. */
const longBytes = 1024;

/** @param repeated what all streams share. */
export function createRequestReader(protocol: 'sotw' | 'delta', repeated: Repeated): RequestReader {
  const numbers = numbersOf[protocol];
  /** The last long list of names, in state of the world: most requests say the same one again. */
  let last: Known<readonly string[]> | undefined;

  function namesOf(bytes: Buffer | undefined): readonly string[] {
    if (!bytes || bytes.length === 0) return noNames;
    if (last && (last.bytes === bytes || last.bytes.equals(bytes))) return last.content;
    const known = repeated.names(bytes);
    if (protocol === 'sotw' && bytes.length >= longBytes) last = known.bytes.equals(bytes) ? known : { bytes: keptBytes(bytes), content: known.content };
    return known.content;
  }

  return {
    read(bytes) {
      let [version, typeUrl, nonce] = ['', '', ''];
      let node: Node | undefined;
      let error: string | undefined;
      let names: Buffer | undefined;
      let unsubscribed: Buffer | undefined;
      let initial: Buffer | undefined;
      forEachField(bytes, ({ number, isDelimited, start, contentStart, end }) => {
        if (!isDelimited) return undefined;
        switch (number) {
          case numbers.node:
            node = readNode(bytes.subarray(contentStart, end));
            return undefined;
          case numbers.error:
            error = readText(bytes.subarray(contentStart, end), 2);
            return undefined;
          case numbers.version:
            version = bytes.toString('utf8', contentStart, end);
            return undefined;
          case numbers.typeUrl:
            typeUrl = bytes.toString('utf8', contentStart, end);
            return undefined;
          case numbers.nonce:
            nonce = bytes.toString('utf8', contentStart, end);
            return undefined;
          case numbers.names: {
            // Known to be the last list, it is not compared again.
            const isLast = last && repeats(bytes, start, last.bytes);
            const list = last && isLast ? last.bytes : bytes.subarray(start, endOfList(bytes, start, end));
            names = joined(names, list);
            return start + list.length;
          }
          case numbers.unsubscribe:
          case numbers.initialVersions: {
            const listEnd = endOfList(bytes, start, end);
            const list = bytes.subarray(start, listEnd);
            if (number === numbers.unsubscribe) unsubscribed = joined(unsubscribed, list);
            else initial = joined(initial, list);
            return listEnd;
          }
          default:
            return undefined;
        }
      });
      const request: Building =
        protocol === 'sotw'
          ? { protocol, typeUrl, nonce, names: namesOf(names) }
          : {
              protocol,
              typeUrl,
              nonce,
              subscribe: namesOf(names),
              unsubscribe: namesOf(unsubscribed),
              initialVersions: initial ? repeated.versions(initial).content : noVersions,
            };
      // Put in where they are there: an ACK has none of them, and there are thousands of ACKs to a change.
      if (request.protocol === 'sotw' && version !== '') request.version = version;
      if (node) request.node = node;
      if (error !== undefined) request.error = error;
      return request;
    },
  };
}

/** Whether a list that is known stands at a place of a message. */
function repeats(bytes: Buffer, start: number, list: Buffer): boolean {
  return start + list.length <= bytes.length && list.compare(bytes, start, start + list.length) === 0;
}

/** Where the fields of a number end that stand one after the other. They do not have to: a message may say more of them later. */
function endOfList(bytes: Buffer, start: number, firstEnd: number): number {
  // One byte is the whole tag, as all numbers are below 16.
  const tag = bytes[start];
  let end = firstEnd;
  while (end < bytes.length && bytes[end] === tag) end = endOfField(bytes, end);
  return end;
}

const joined = (before: Buffer | undefined, more: Buffer): Buffer => (before ? Buffer.concat([before, more]) : more);

/** The last string field of a number. */
function readText(bytes: Buffer, wanted: number): string {
  let text = '';
  forEachField(bytes, ({ number, isDelimited, contentStart, end }) => {
    if (number === wanted && isDelimited) text = bytes.toString('utf8', contentStart, end);
    return undefined;
  });
  return text;
}

/** Reads who a client says it is. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node */
export function readNode(bytes: Buffer): Node {
  const program = readText(bytes, 6);
  let version = readText(bytes, 7);
  forEachField(bytes, ({ number, isDelimited, contentStart, end }) => {
    if (number === 8 && isDelimited && version === '') version = readBuildVersion(bytes.subarray(contentStart, end));
    return undefined;
  });
  return { id: readText(bytes, 1), group: readText(bytes, 2), agent: [program, version].filter(Boolean).join(' ') || 'unknown' };
}

/** `1.40.0`, from the semantic version in a `BuildVersion`. */
function readBuildVersion(bytes: Buffer): string {
  let found = '';
  forEachField(bytes, ({ number, isDelimited, contentStart, end }) => {
    if (number !== 1 || !isDelimited) return undefined;
    const parts = [0, 0, 0];
    forEachField(
      bytes,
      (part) => {
        if (!part.isDelimited && part.number <= 3) parts[part.number - 1] = part.value;
        return undefined;
      },
      contentStart,
      end,
    );
    found = parts.join('.');
    return undefined;
  });
  return found;
}
