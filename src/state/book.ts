import type { KeptRelease, ListedRevision, RevisionRecord } from '../revision/history.ts';
import type { Entry, GroupRelease, MediumContent, StoredBundle } from './medium.ts';
import { isForgotten, type Limits, outdated } from './retention.ts';

/** What a group has in the book; revisions by name, oldest first. */
interface Page {
  readonly entries: Map<string, Entry>;
  /** Revisions that were kept by this process: newer than what is found on a medium. */
  readonly own: Set<string>;
  release?: KeptRelease;
  hasOwnRelease?: boolean;
  retiredAt?: number;
}

/** What was taken out of the book, and is to be taken off the medium. */
interface Pruned {
  readonly entries: readonly Entry[];
  /** Revisions that only lost their content. */
  readonly emptied: readonly Entry[];
  readonly groups: readonly string[];
}

/** What a history knows without reading its medium: the revisions of each group, and who uses which bundle. Takes part in no IO. */
export interface Book {
  /** Takes over what was found on a medium. Only what was kept by this process is newer, and stays. */
  merge(content: MediumContent): void;
  /** Puts a revision in front. */
  keep(record: RevisionRecord, secrets: Entry['secrets'], now: number): void;
  /** Notes where the content of a revision is, or that it is gone. Undefined where the revision was dropped in the meantime. */
  fill(record: RevisionRecord, bundles: readonly StoredBundle[] | undefined): Entry | undefined;
  find(group: string, revision: string): Entry | undefined;
  /** Newest first. */
  list(group: string): readonly ListedRevision[];
  release(group: string, release: KeptRelease): void;
  retire(group: string, now: number): void;
  releaseOf(group: string): GroupRelease | undefined;
  /** What is in force, of all groups that live. */
  releases(): readonly { readonly group: string; readonly release: KeptRelease }[];
  /** A bundle that is there; undefined where no revision has it. */
  bundle(key: string): StoredBundle | undefined;
  /** A bundle turned out to be broken: revisions that need it lose their content, and it is written anew when it is kept again. */
  lose(key: string): void;
  /** Takes out what is too old or too much. */
  prune(now: number): Pruned;
  /** Takes out the bundles that no revision has any more, and gives their keys. */
  takeUnused(): readonly string[];
  usage(): { readonly revisions: number; readonly bytes: number };
}

/** Makes one without any revision. */
export function createBook(limits: Limits): Book {
  const pages = new Map<string, Page>();
  const bundles = new Map<string, { readonly bundle: StoredBundle; users: number }>();
  let order = 0;
  /** Of all bundles that are used. */
  let bytesInUse = 0;

  function pageOf(group: string): Page {
    const page = pages.get(group) ?? { entries: new Map(), own: new Set() };
    pages.set(group, page);
    return page;
  }
  function use({ bundles: used }: Entry, by: 1 | -1): void {
    for (const bundle of used ?? []) {
      const known = bundles.get(bundle.key) ?? { bundle, users: 0 };
      if (known.users === 0) bytesInUse += bundle.bytes;
      known.users += by;
      if (known.users === 0) bytesInUse -= bundle.bytes;
      bundles.set(bundle.key, known);
    }
  }

  /** Entries of a group as a medium has them, oldest first, then those of this process. */
  function mergePage(page: Page, found: readonly Entry[]): void {
    const own = [...page.entries.values()].filter(({ record }) => page.own.has(record.revision));
    for (const entry of page.entries.values()) use(entry, -1);
    page.entries.clear();
    for (const entry of found) page.entries.set(entry.record.revision, { ...entry, bundles: entry.bundles?.map((one) => bundles.get(one.key)?.bundle ?? one) });
    for (const entry of own) {
      const { revision } = entry.record;
      const known = page.entries.get(revision);
      page.entries.delete(revision);
      page.entries.set(revision, { ...entry, order: ++order, bundles: known?.bundles });
    }
    for (const entry of page.entries.values()) use(entry, 1);
  }

  /** Replaces an entry in its place. */
  function replace(page: Page, before: Entry, after: Entry): Entry {
    page.entries.set(after.record.revision, after);
    use(after, 1);
    use(before, -1);
    return after;
  }

  function outdatedOf(page: Page, now: number): readonly Entry[] {
    const newestFirst = [...page.entries.values()].reverse();
    const gone = outdated(
      newestFirst.map((entry) => ({ entry, revision: entry.record.revision, lastAt: entry.lastAt })),
      { served: page.release?.served, now, limits },
    );
    return gone.map(({ entry }) => entry);
  }

  /** Revisions with content that may lose it: all but the newest and the served one of each group, the oldest first. */
  function expendable(): readonly { readonly page: Page; readonly entry: Entry }[] {
    const found = [...pages.values()].flatMap((page) =>
      [...page.entries.values()]
        .slice(0, -1)
        .filter(({ record, bundles: has }) => has && record.revision !== page.release?.served)
        .map((entry) => ({ page, entry })),
    );
    return found.sort((a, b) => a.entry.order - b.entry.order);
  }

  return {
    merge({ entries, releases }) {
      const sorted = [...entries].sort((a, b) => a.order - b.order);
      order = Math.max(order, sorted.at(-1)?.order ?? 0);
      const byGroup = Map.groupBy(sorted, ({ record }) => record.group);
      for (const group of new Set([...pages.keys(), ...byGroup.keys()])) mergePage(pageOf(group), byGroup.get(group) ?? []);
      for (const { group, release, retiredAt } of releases) {
        const page = pageOf(group);
        if (page.hasOwnRelease) continue;
        if (release) page.release = release;
        // A group that was kept since then lives.
        if (retiredAt !== undefined && page.own.size === 0) page.retiredAt = retiredAt;
      }
    },
    keep(record, secrets, now) {
      const page = pageOf(record.group);
      delete page.retiredAt;
      page.own.add(record.revision);
      const known = page.entries.get(record.revision);
      page.entries.delete(record.revision);
      page.entries.set(record.revision, {
        record: known ? { ...record, at: Math.min(known.record.at, record.at) } : record,
        lastAt: now,
        order: ++order,
        bundles: known?.bundles,
        secrets,
      });
    },
    fill({ group, revision }, content) {
      const page = pageOf(group);
      const entry = page.entries.get(revision);
      return entry && replace(page, entry, { ...entry, bundles: content });
    },
    find: (group, revision) => pages.get(group)?.entries.get(revision),
    list: (group) =>
      [...(pages.get(group)?.entries.values() ?? [])]
        .reverse()
        .map(({ record, lastAt, bundles: has }) => ({ ...record, lastAt, hasContent: has !== undefined })),
    release(group, release) {
      const page = pageOf(group);
      page.release = release;
      page.hasOwnRelease = true;
      delete page.retiredAt;
    },
    retire(group, now) {
      const page = pages.get(group);
      if (page) page.retiredAt ??= now;
    },
    releaseOf(group) {
      const page = pages.get(group);
      if (!page) return undefined;
      const { release, retiredAt } = page;
      return { group, ...(release && { release }), ...(retiredAt === undefined ? {} : { retiredAt }) };
    },
    releases: () => [...pages].flatMap(([group, { release, retiredAt }]) => (release === undefined || retiredAt !== undefined ? [] : [{ group, release }])),
    bundle(key) {
      const known = bundles.get(key);
      return known && known.users > 0 ? known.bundle : undefined;
    },
    lose(key) {
      for (const page of pages.values()) {
        for (const entry of page.entries.values()) {
          if (entry.bundles?.some((bundle) => bundle.key === key)) replace(page, entry, { ...entry, bundles: undefined });
        }
      }
    },
    prune(now) {
      const groups = [...pages].filter(([, { retiredAt }]) => isForgotten(retiredAt, now, limits));
      const entries = [...pages].flatMap(([name, page]) => (groups.some(([group]) => group === name) ? [...page.entries.values()] : outdatedOf(page, now)));
      for (const entry of entries) {
        const page = pageOf(entry.record.group);
        page.entries.delete(entry.record.revision);
        page.own.delete(entry.record.revision);
        use(entry, -1);
      }
      for (const [group] of groups) pages.delete(group);
      const emptied: Entry[] = [];
      for (const { page, entry } of bytesInUse > limits.bytes ? expendable() : []) {
        if (bytesInUse <= limits.bytes) break;
        emptied.push(replace(page, entry, { ...entry, bundles: undefined }));
      }
      return { entries, emptied, groups: groups.map(([group]) => group) };
    },
    takeUnused() {
      const unused = [...bundles].filter(([, { users }]) => users === 0).map(([key]) => key);
      for (const key of unused) bundles.delete(key);
      return unused;
    },
    usage: () => ({ revisions: [...pages.values()].reduce((sum, { entries }) => sum + entries.size, 0), bytes: bytesInUse }),
  };
}
