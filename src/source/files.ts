import type { Stats } from 'node:fs';
import { basename, join, normalize } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type Diagnostic, placeOf } from '../diagnostic.ts';
import { type ReadDocument, readFileDocument, unchangedDocument } from './file-document.ts';
import { reasonOf, unavailableFolder, unreadableFile } from './file-error.ts';
import { isObjectFile, isVisible } from './file-names.ts';
import { createFileSet } from './file-set.ts';
import { type FileState, fileState, unreadableFileState } from './file-state.ts';
import { createFolderWatches } from './folder-watches.ts';
import { filesBelow, statOf } from './list-files.ts';
import { readText } from './read-text.ts';
import type { Sink, Source } from './source.ts';
import { splitDocuments } from './yaml.ts';

/** Events that come within this time of each other are looked at together. */
const quietMs = 20;
/** How long a file must stand still, or stay away, before what is missing from it counts as gone. */
const settledMs = 250;
/** How often folders are looked at without any event: network file systems tell of nothing, and full queues lose events. */
const pollMs = 2000;
/** How many files a poll looks at; where there are more, each has its turn. */
const filesPerPoll = 500;
/** How long reading may go on before other work has its turn. */
const turnMs = 10;

export interface FileSourceOptions {
  /** A folder, or one file. */
  readonly path: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/** A file as it was last read. */
interface WatchedFile {
  readonly state: FileState;
  readonly stats: Stats;
  /** Since when it stands still while objects are missing from it. Undefined: none is missing. */
  readonly unsettledSince?: number;
}

/**
 * Reads and watches a folder of YAML and JSON files, or one file. What was read stays in use while its document is broken,
 * its file unreadable or too large, or the folder away.
 * Diagnostics: `FileTooLarge`, `FileUnreadable`, `SourceUnavailable`, `UnreadableYaml` and those of `validate`.
 */
export function createFileSource(options: FileSourceOptions): Source {
  return { name: `files:${options.path}`, run: (sink, signal) => watchFiles(options, sink, signal) };
}

async function watchFiles({ path, log, clock }: FileSourceOptions, sink: Sink, signal: AbortSignal): Promise<void> {
  const root = normalize(path).replace(/(?<=.)\/$/, '');
  const files = new Map<string, WatchedFile>();
  /** Files that are gone, and since when; they count as gone for good when none went for `settledMs`. */
  const away = new Map<string, number>();
  const set = createFileSet();
  let folders = new Map<string, Stats>();
  let unreadableFolders = new Map<string, Diagnostic>();
  let unavailable: Diagnostic | undefined;
  let hasListed = false;
  let told = new Set<string>();

  /** What is to be looked at: paths by events, all of it by `isScanDue`. */
  const touched = new Set<string>();
  let isScanDue = true;
  let pollAt = 0;
  let pollFrom = 0;
  let ring = (): void => {};
  signal.addEventListener('abort', () => ring(), { once: true });

  const watches = createFolderWatches(
    (folder, name) => {
      // The `..data` of a mounted ConfigMap is swapped as a whole: every link beside it leads elsewhere now.
      if (name === undefined || name === '..data') isScanDue = true;
      else if (isVisible(name) || join(folder, name) === root) touched.add(join(folder, name));
      else return;
      ring();
    },
    (folder, error) => log.warn({ folder, err: error }, 'folder cannot be watched, it is looked at every two seconds'),
  );

  let turnBegan = performance.now();
  async function pause(): Promise<void> {
    if (performance.now() - turnBegan < turnMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    turnBegan = performance.now();
  }

  /** Waits; `ring` ends it early. */
  async function sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(milliseconds, resolve);
      ring = () => {
        cancel();
        resolve();
      };
    });
    ring = () => {};
    turnBegan = performance.now();
  }

  /** Compares everything below the path with what is known of it. */
  async function scan(): Promise<void> {
    isScanDue = false;
    const found = new Map<string, Stats>();
    const foundFolders = new Map<string, Stats>();
    const foundUnreadable = new Map<string, Diagnostic>();
    for (const one of filesBelow(root)) {
      if (one.type === 'file') found.set(one.path, one.stats);
      else if (one.type === 'folder') foundFolders.set(one.path, one.stats);
      else foundUnreadable.set(one.path, unavailableFolder(one.path, one.reason));
      await pause();
    }
    folders = foundFolders;
    // What came into a new folder before it was watched was told to nobody.
    if (watches.keep(folders) > 0) isScanDue = true;
    const isAway = foundFolders.size === 0;
    // A folder that comes back, as a mount does, may be filled a moment later.
    if (isAway || (unavailable && found.size === 0 && files.size > 0)) {
      setUnavailable(foundUnreadable.get(root) ?? unavailableFolder(root, isAway ? 'it does not exist' : 'it came back empty'));
      return;
    }
    setUnavailable(undefined);
    unreadableFolders = foundUnreadable;
    for (const [file, stats] of found) {
      const known = files.get(file);
      if (!known || isOther(known.stats, stats) || away.has(file)) touched.add(file);
    }
    for (const file of files.keys()) if (!found.has(file) && !isUnreadable(file)) touched.add(file);
  }

  function setUnavailable(next: Diagnostic | undefined): void {
    if (next && !unavailable) log.warn({ path: root }, next.message);
    if (!next && unavailable) log.info({ path: root }, 'the source is back');
    unavailable = next;
    if (next) {
      for (const file of away.keys()) set.setAway(file, false);
      away.clear();
      touched.clear();
    }
  }

  const isUnreadable = (path: string): boolean => [...unreadableFolders.keys()].some((folder) => path.startsWith(`${folder}/`));

  /** Looks at one path that something happened to. */
  async function look(path: string): Promise<void> {
    let stats: Stats | undefined;
    try {
      stats = statOf(path);
    } catch (error) {
      if (files.has(path)) hold(path, unreadableFile(path, reasonOf(error)));
      else isScanDue = true;
      return;
    }
    if (stats?.isFile() && (path === root || isObjectFile(basename(path)))) await read(path, stats);
    else if (files.has(path)) leave(path);
    // A folder that came or went, also one that took the place of another.
    else if (stats?.isDirectory() || folders.has(path)) isScanDue = true;
  }

  async function read(path: string, stats: Stats): Promise<void> {
    const known = files.get(path);
    away.delete(path);
    set.setAway(path, false);
    const others = [...files].reduce(
      (
        sum,
        [
          other,
          {
            stats: { size },
          },
        ],
      ) => sum + (other === path ? 0 : size),
      0,
    );
    const result = readText(path, stats.size, others);
    if ('problem' in result) {
      put(path, { state: unreadableFileState(known?.state, result.problem), stats });
      return;
    }
    const documents: ReadDocument[] = [];
    for (const [number, part] of splitDocuments(result.text).entries()) {
      documents.push(unchangedDocument(known?.state.documents ?? [], part, number) ?? readFileDocument(path, part, number));
      await pause();
    }
    // A file that took the place of another by a rename is whole; one that is written in place may be cut off anywhere.
    const isReplaced = known?.stats.ino !== stats.ino || known.stats.dev !== stats.dev;
    const state = fileState(known?.state, documents, isReplaced);
    const since = known && !isOther(known.stats, stats) ? known.unsettledSince : undefined;
    put(path, { state, stats, ...(state.isUnsettled ? { unsettledSince: since ?? clock.now() } : {}) });
  }

  function put(path: string, file: WatchedFile): void {
    files.set(path, file);
    set.put(path, file.state.objects);
  }

  /** Keeps what a file held, with a word on why. */
  function hold(path: string, problem: Diagnostic): void {
    const known = files.get(path);
    if (known) put(path, { state: unreadableFileState(known.state, problem), stats: known.stats });
  }

  function leave(path: string): void {
    if (away.has(path)) return;
    away.set(path, clock.now());
    set.setAway(path, true);
  }

  /** Believes what stood still for long enough. */
  async function settle(): Promise<void> {
    for (const [path, file] of files) {
      if (file.unsettledSince === undefined || clock.now() < file.unsettledSince + settledMs || away.has(path)) continue;
      const stats = statOf(path);
      if (!stats || isOther(file.stats, stats)) await look(path);
      else put(path, { state: fileState(file.state, file.state.documents, true), stats });
    }
    if (away.size === 0 || clock.now() < Math.max(...away.values()) + settledMs) return;
    if (!statOf(root)) {
      // Not some files went, but all that they stood in.
      isScanDue = true;
      return;
    }
    for (const path of [...away.keys()]) {
      if (statOf(path)?.isFile()) {
        await look(path);
        continue;
      }
      away.delete(path);
      files.delete(path);
      set.put(path, new Map());
      set.setAway(path, false);
    }
  }

  /** Finds what no event told of. */
  function poll(): void {
    pollAt = clock.now() + pollMs;
    if (unavailable || folders.size === 0) isScanDue = true;
    for (const [folder, stats] of folders) {
      const now = statOf(folder);
      if (!now || isOther(stats, now)) isScanDue = true;
    }
    const paths = [...files.keys()];
    if (pollFrom >= paths.length) pollFrom = 0;
    for (const path of paths.slice(pollFrom, pollFrom + filesPerPoll)) {
      const now = statOf(path);
      const known = files.get(path);
      if (!now || !known || isOther(known.stats, now)) touched.add(path);
    }
    pollFrom += filesPerPoll;
  }

  function deliver(): void {
    if (unavailable && !hasListed) {
      sink.diagnostics([unavailable]);
      return;
    }
    const change = set.takeChange();
    const diagnostics = [
      ...(unavailable ? [unavailable] : []),
      ...unreadableFolders.values(),
      ...[...files].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, { state }]) => state.diagnostics),
    ];
    logNew(diagnostics);
    sink.diagnostics(diagnostics);
    if (!hasListed) {
      hasListed = true;
      log.info({ path: root, files: files.size }, 'files read');
      sink.list(set.all());
    } else if (change) {
      log.debug({ path: root, put: change.put.length, removed: change.remove.length }, 'files changed');
      sink.change(change);
    }
  }

  function logNew(diagnostics: readonly Diagnostic[]): void {
    const now = new Set<string>();
    for (const { code, severity, message, at } of diagnostics) {
      const text = `${placeOf(at)} ${message}`;
      now.add(text);
      if (!told.has(text)) log[severity === 'info' ? 'info' : 'warn']({ code, at: placeOf(at) }, message);
    }
    told = now;
  }

  /** When something is to be done without an event. */
  function nextAt(): number {
    const unsettled = [...files.values()].flatMap(({ unsettledSince }) => (unsettledSince === undefined ? [] : [unsettledSince + settledMs]));
    const gone = away.size > 0 ? [Math.max(...away.values()) + settledMs] : [];
    return Math.min(pollAt, ...unsettled, ...gone);
  }

  while (!signal.aborted) {
    if (clock.now() >= pollAt) poll();
    if (isScanDue) await scan();
    const paths = [...touched];
    touched.clear();
    for (const path of paths) {
      await look(path);
      await pause();
    }
    await settle();
    if (signal.aborted) break;
    deliver();
    if (!isScanDue && touched.size === 0) await sleep(Math.max(0, nextAt() - clock.now()));
    if (!signal.aborted) await sleep(quietMs);
  }
  watches.close();
}

/** Whether a path holds another file than it did, or one that was written to. */
function isOther(before: Stats, after: Stats): boolean {
  return before.ino !== after.ino || before.dev !== after.dev || before.size !== after.size || before.mtimeMs !== after.mtimeMs;
}
