import { hash } from 'node:crypto';
import { forEachField } from '../proto/protobuf-fields.ts';

/** How many lists are remembered, and how many bytes of them. */
const mostLists = 1024;
const mostBytes = 32 * 1024 * 1024;

/** A list as it came, and what it says. */
export interface Known<Content> {
  readonly bytes: Buffer;
  readonly content: Content;
}

/**
 * Reads what clients repeat: in state of the world each ACK names everything that is asked for, and the Envoys of a group ask
 * for the same and come back with the same versions. Equal bytes give the same object, so that whoever compares or keeps it has
 * to do that once. What was not used for the longest time is forgotten.
 */
export interface Repeated {
  /** The strings of fields that stand one after the other. */
  names(bytes: Buffer): Known<readonly string[]>;
  /** The entries of a map of strings, each a field. */
  versions(bytes: Buffer): Known<Readonly<Record<string, string>>>;
}

/** Makes one that knows nothing yet. */
export function createRepeated(): Repeated {
  return { names: remembering(readNames), versions: remembering(readVersions) };
}

function remembering<Content>(read: (bytes: Buffer) => Content): (bytes: Buffer) => Known<Content> {
  const known = new Map<string, Known<Content>>();
  let total = 0;
  return (bytes) => {
    const key = hash('sha256', bytes, 'base64');
    // A copy, as the bytes given are a part of a larger message.
    const found = known.get(key) ?? { bytes: Buffer.from(bytes), content: read(bytes) };
    if (known.delete(key)) total -= bytes.length;
    known.set(key, found);
    total += bytes.length;
    for (const [oldest, { bytes: old }] of known) {
      if (known.size <= mostLists && total <= mostBytes) break;
      known.delete(oldest);
      total -= old.length;
    }
    return found;
  };
}

function readNames(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  forEachField(bytes, ({ contentStart, end }) => {
    names.push(bytes.toString('utf8', contentStart, end));
    return undefined;
  });
  return names;
}

function readVersions(bytes: Buffer): Readonly<Record<string, string>> {
  const versions: [string, string][] = [];
  forEachField(bytes, (entry) => {
    let [name, version] = ['', ''];
    forEachField(
      bytes,
      ({ number, contentStart, end }) => {
        if (number === 1) name = bytes.toString('utf8', contentStart, end);
        if (number === 2) version = bytes.toString('utf8', contentStart, end);
        return undefined;
      },
      entry.contentStart,
      entry.end,
    );
    versions.push([name, version]);
    return undefined;
  });
  return Object.fromEntries(versions);
}
