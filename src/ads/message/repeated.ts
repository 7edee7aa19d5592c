import { keptBytes } from '../../proto/kept-bytes.ts';
import { forEachField } from '../../proto/wire-fields.ts';
import { createListIndex, createListReader, type ListIndex } from './list-index.ts';

/** How many lists are remembered, and how many bytes of them; what was read of these takes some five times as much. */
const mostLists = 1024;
const mostBytes = 16 * 1024 * 1024;

/** A list as one client told it, and what it says. */
export interface Known<Content> {
  readonly bytes: Buffer;
  readonly content: Content;
}

/**
 * Reads what clients repeat: in state of the world each ACK names everything that is asked for, and the Envoys of a group ask
 * for the same and come back with the same versions, each in an order of its own. Lists of the same entries give the same
 * object, so that whoever compares or keeps it has to do that once. What was not used for the longest time is forgotten.
 */
export interface Repeated {
  /** The strings of fields that stand one after the other, in the order of the client that told them first. */
  names(bytes: Buffer): Known<readonly string[]>;
  /** The entries of a map of strings, each a field. Of entries with the same name the last one counts. */
  versions(bytes: Buffer): Known<Readonly<Record<string, string>>>;
}

/**
 * Makes one that knows nothing yet.
 * @param seed a whole number below 2³², drawn at random.
 */
export function createRepeated(seed: number): Repeated {
  return {
    names: remembering(seed, readNames, (names) => new Set(names).size),
    versions: remembering(seed, readVersions, (versions) => Object.keys(versions).length),
  };
}

interface Kept<Content> extends Known<Content> {
  readonly key: string;
  readonly index: ListIndex;
}

/** Lists of one length that are compared at once: those of clusters and of their endpoints have the same names, and versions of one length. */
const mostOfOneLength = 4;

/** @param differentOf how many different names a list has. */
function remembering<Content>(seed: number, read: (bytes: Buffer) => Content, differentOf: (content: Content) => number): (bytes: Buffer) => Known<Content> {
  const readList = createListReader(seed);
  const known = new Map<string, Kept<Content>>();
  /** Those of each length that came last, the newest first: clients of the same make may well have the same order. */
  const latest = new Map<number, readonly Kept<Content>[]>();
  let total = 0;

  function keep(kept: Kept<Content>): Kept<Content> {
    forget(known.get(kept.key));
    // The last one in the map is the one that is forgotten last.
    known.set(kept.key, kept);
    latest.set(kept.bytes.length, [kept, ...ofLength(kept)].slice(0, mostOfOneLength));
    total += kept.bytes.length;
    return kept;
  }

  function forget(kept: Kept<Content> | undefined): void {
    if (!kept) return;
    known.delete(kept.key);
    const others = ofLength(kept).filter((one) => one !== kept);
    if (others.length > 0) latest.set(kept.bytes.length, others);
    else latest.delete(kept.bytes.length);
    total -= kept.bytes.length;
  }

  const ofLength = ({ bytes: { length } }: Known<Content>): readonly Kept<Content>[] => latest.get(length) ?? [];

  return (bytes) => {
    const last = latest.get(bytes.length)?.find((one) => one.bytes.equals(bytes));
    if (last) return keep(last);
    const list = readList(bytes);
    const found = known.get(list.key);
    if (found?.index.isSame(list)) return keep(found);
    // A copy, as the bytes given are a part of a larger message.
    const copy = { ...list, bytes: keptBytes(bytes) };
    const content = read(copy.bytes);
    const index = createListIndex(copy);
    // Where a name is there twice the order says which one counts.
    if (!index || differentOf(content) < list.hashes.length) return { bytes: copy.bytes, content };
    const kept = keep({ key: list.key, bytes: copy.bytes, content, index });
    for (const oldest of known.values()) {
      if (known.size <= mostLists && total <= mostBytes) break;
      forget(oldest);
    }
    return kept;
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
