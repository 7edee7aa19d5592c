import type { Stats } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Sink } from '../store/sink.ts';
import { createTurn } from '../turn.ts';
import { createAlarm } from './alarm.ts';
import { createDiagnosticLog } from './diagnostic-log.ts';
import { type ReadDocument, readFileDocument, unchangedDocument } from './file-document.ts';
import { unavailableFolder, unreadableFile } from './file-error.ts';
import { isObjectFile, isVisible } from './file-names.ts';
import { type FileState, fileState, unreadableFileState } from './file-state.ts';
import { createFolderWatches } from './folder-watches.ts';
import { entriesOf, filesBelow, standingAt } from './list-files.ts';
import { readText } from './read-text.ts';
import type { Source } from './source.ts';
import { createWatchedFiles, type FileStats, isOther, isReplaced } from './watched-files.ts';
import { splitDocuments } from './yaml.ts';

/** Events that come within this time of each other are looked at together. */
const quietMs = 20;
/** How often folders are looked at without any event: network file systems tell of nothing, and full queues lose events. */
const pollMs = 2000;
/** The same while the path is away. */
const quickPollMs = 250;
/** How often names are compared where events come. */
const namesMs = 6000;
/** How many files a poll looks at; where there are more, each has its turn. */
const filesPerPoll = 500;
/** How long the first list waits at most for files that somebody is still writing. */
const firstListMs = 2000;

/** What is read, and by which clock and log. */
export interface FileSourceOptions {
  /** A folder, or one file. */
  readonly path: string;
  readonly log: Logger;
  readonly clock: Clock;
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
  const files = createWatchedFiles();
  let folders = new Map<string, Stats>();
  let unreadable: ReadonlyMap<string, Diagnostic> = new Map();
  let unavailable: Diagnostic | undefined;
  /** Whether the path was away, and not all that it held before has been seen again or counts as gone. */
  let isReturning = false;
  let hasListed = false;
  const listsBy = clock.steady() + firstListMs;
  /** When the first list may be given. */
  let listAt = Number.POSITIVE_INFINITY;
  const logNew = createDiagnosticLog(log);

  /** What is to be looked at: single paths, or everything. */
  const touched = new Set<string>();
  /** Those of them that were written to where they stand. */
  const written = new Set<string>();
  /** Folders that events told of since the last poll. */
  const heard = new Set<string>();
  /** Folders in which events told of changes since names were compared. */
  const toCompare = new Set<string>();
  let comparedAt = 0;
  let lookedAt = 0;
  let isScanDue = true;
  let pollAt = 0;
  let pollFrom = 0;
  const alarm = createAlarm(clock, signal);
  /** When the first event came of what was not told yet. */
  let heardAt: number | undefined;

  /** Whether something at this path may be looked at: what stands beside a single file is not. */
  const isOurs = (entry: string): boolean => entry === root || (folders.has(root) && isVisible(basename(entry)));

  /** Whether it is neither read nor entered: what tools write beside a file, before it takes its place, shall not hold that up. */
  const isBeside = (entry: string): boolean =>
    entry !== root && !isObjectFile(basename(entry)) && !folders.has(entry) && !standingAt(entry).stats?.isDirectory();

  const watches = createFolderWatches(
    (folder, name, isWritten) => {
      // The folder itself (its own name), or the `..data` of a mounted ConfigMap: every link beside that leads elsewhere now.
      if (name === undefined || name === '..data' || name === basename(folder)) isScanDue = true;
      else {
        heard.add(folder);
        const entry = join(folder, name);
        if (!isOurs(entry) || isBeside(entry)) return;
        touched.add(entry);
        if (isWritten) written.add(entry);
      }
      heardAt ??= clock.steady();
      alarm.ring();
    },
    (folder, error) => log.warn({ folder, err: error }, 'folder cannot be watched, it is looked at every two seconds'),
  );

  /** Other work has its turn where this one took long. */
  const turn = createTurn();

  /** @param untilEvent whether events count. */
  async function sleep(milliseconds: number, untilEvent: boolean): Promise<void> {
    await alarm.sleep(milliseconds, untilEvent);
    turn.begin();
  }

  /** Compares everything below the path with what is known of it. */
  async function scan(): Promise<void> {
    isScanDue = false;
    const foundFiles = new Map<string, Stats>();
    const foundFolders = new Map<string, Stats>();
    const problems = new Map<string, Diagnostic>();
    for (const found of filesBelow(root)) {
      if (found.type === 'file') foundFiles.set(found.path, found.stats);
      else if (found.type === 'folder') foundFolders.set(found.path, found.stats);
      else if (files.has(found.path)) touched.add(found.path);
      else
        problems.set(found.path, isObjectFile(basename(found.path)) ? unreadableFile(found.path, found.reason) : unavailableFolder(found.path, found.reason));
      await turn.rest();
    }
    folders = foundFolders;
    // What came into a new folder before it was watched was told to nobody.
    if (watches.keep(folders) > 0) isScanDue = true;
    const isThere = folders.size > 0;
    // A folder that comes back, as a mount does, may be filled a moment later.
    if (!isThere || (unavailable && foundFiles.size === 0 && files.paths().length > 0)) {
      setUnavailable(problems.get(root) ?? unavailableFolder(root, isThere ? 'it came back empty' : 'it does not exist'));
      return;
    }
    setUnavailable(undefined);
    unreadable = problems;
    for (const [file, stats] of foundFiles) {
      const known = files.get(file);
      if (!known || isOther(known.stats, stats) || files.isAway(file)) touched.add(file);
    }
    for (const file of files.paths()) if (!foundFiles.has(file) && !isBelowUnreadable(file)) touched.add(file);
  }

  function isBelowUnreadable(path: string): boolean {
    return unreadable.size > 0 && [...unreadable.keys()].some((folder) => `${path}/`.startsWith(`${folder}/`));
  }

  function setUnavailable(next: Diagnostic | undefined): void {
    if (unavailable && !next) {
      log.info({ path: root }, 'the source is back');
      isReturning = true;
    }
    unavailable = next;
    if (!next) return;
    pollAt = Math.min(pollAt, clock.steady() + quickPollMs);
    unreadable = new Map();
    touched.clear();
    files.stayAll();
  }

  /** Looks at one path that something happened to. */
  async function look(path: string): Promise<void> {
    const { stats, reason } = standingAt(path);
    const known = files.get(path);
    if (stats?.isFile() && (path === root || isObjectFile(basename(path)))) await read(path, stats);
    else if (known && reason !== undefined) hold(path, known, unreadableFile(path, reason));
    else if (known) files.leave(path, clock.steady());
    // A folder that came, went, or took the place of another.
    if (stats?.isDirectory() || folders.has(path)) isScanDue = true;
  }

  /** Looks at files that took the place of others at once, as by a rename: nobody is still writing to these. */
  async function lookAtReplaced(): Promise<void> {
    for (const path of [...touched]) {
      const known = files.get(path);
      const { stats } = standingAt(path);
      if (!known || !stats?.isFile() || stats.size === 0 || written.has(path) || !isReplaced(known.stats, stats)) continue;
      touched.delete(path);
      await look(path);
    }
    deliver();
  }

  async function read(path: string, stats: Stats): Promise<void> {
    const known = files.get(path);
    const result = readText(path, stats.size, files.bytesWithout(path));
    if ('problem' in result) {
      hold(path, { state: known?.state, stats }, result.problem);
      return;
    }
    const documents: ReadDocument[] = [];
    for (const [number, part] of splitDocuments(result.text).entries()) {
      documents.push(unchangedDocument(known?.state.documents ?? [], part, number) ?? readFileDocument(path, part, number));
      await turn.rest();
    }
    // A file that took the place of another is whole; one that is written in place may be cut off anywhere.
    const isWhole = !known || isReplaced(known.stats, stats);
    files.put(path, { state: fileState(known?.state, documents.slice(), isWhole), stats }, clock.steady());
  }

  /** Keeps what a file held, with a word on why. */
  function hold(path: string, { state, stats }: { readonly state: FileState | undefined; readonly stats: FileStats }, problem: Diagnostic): void {
    files.put(path, { state: unreadableFileState(state, problem), stats }, clock.steady());
  }

  /** Believes what stood still for long enough. */
  async function settle(): Promise<void> {
    for (const path of files.settled(clock.steady())) {
      const file = files.get(path);
      const { stats } = standingAt(path);
      if (!file || !stats || isOther(file.stats, stats)) await look(path);
      else files.put(path, { state: fileState(file.state, file.state.documents, true), stats }, clock.steady());
    }
    const gone = files.gone(clock.steady());
    // Where all that they stood in is away it is not they that were removed.
    if (gone.length > 0 && !standingAt(root).stats) isScanDue = true;
    else {
      for (const path of gone) {
        if (standingAt(path).stats?.isFile()) await look(path);
        else files.remove(path);
      }
    }
  }

  /** Finds what no event told of. */
  function poll(): void {
    pollAt = clock.steady() + (unavailable ? quickPollMs : pollMs);
    if (unavailable || unreadable.size > 0) isScanDue = true;
    for (const [folder, stats] of folders) {
      const now = standingAt(folder).stats;
      if (now && !isOther(stats, now)) continue;
      if (!now || isReplaced(stats, now) || !heard.has(folder)) isScanDue = true;
      else toCompare.add(folder);
      if (now) folders.set(folder, now);
    }
    heard.clear();
    if (toCompare.size > 0 && clock.steady() - comparedAt >= namesMs) compareNames();
    const paths = files.paths();
    if (pollFrom >= paths.length) pollFrom = 0;
    for (const path of unavailable ? [] : paths.slice(pollFrom, pollFrom + filesPerPoll)) {
      const now = standingAt(path).stats;
      const known = files.get(path);
      if (!now || !known || isOther(known.stats, now)) touched.add(path);
    }
    pollFrom += filesPerPoll;
  }

  /**
   * Finds what came or went in folders that events did tell of, should one have been lost: after each event to look at thousands
   * of files that nothing happened to would take longer than what did happen. What took the place of another is found in its turn.
   */
  function compareNames(): void {
    comparedAt = clock.steady();
    const present = new Set<string>();
    for (const folder of toCompare) {
      const entries = entriesOf(folder);
      if (!entries) isScanDue = true;
      for (const path of entries ?? []) {
        present.add(path);
        if (!files.has(path) && !folders.has(path) && isOurs(path)) touched.add(path);
      }
    }
    for (const path of [...files.paths(), ...folders.keys()]) if (toCompare.has(dirname(path)) && !present.has(path)) touched.add(path);
    toCompare.clear();
  }

  function deliver(): void {
    const change = files.takeChange();
    const diagnostics = [...(unavailable ? [unavailable] : []), ...unreadable.values(), ...files.diagnostics()];
    logNew(diagnostics);
    sink.diagnostics(diagnostics);
    if (!hasListed && !unavailable) {
      // Nothing is known from before: an object that is missing as its file is not yet written to the end would count as removed.
      const waitMs = Math.min(files.wholeInMs(clock.now()), listsBy - clock.steady());
      listAt = waitMs > 0 ? clock.steady() + Math.ceil(waitMs) : Number.POSITIVE_INFINITY;
      if (waitMs > 0) return;
      hasListed = true;
      log.info({ path: root, files: files.paths().length }, 'files read');
      sink.list(files.all());
    } else if (hasListed && change) {
      const isBulk = (change.isBulk ?? false) || (isReturning && change.remove.length > 0);
      log.debug({ path: root, put: change.put.length, removed: change.remove.length, isBulk }, 'files changed');
      sink.change({ ...change, isBulk, ...(heardAt === undefined ? {} : { heardAt }) });
    }
    // What is written in place is believed a moment later: its time goes on.
    if (change || files.nextAt() === Number.POSITIVE_INFINITY) heardAt = undefined;
    if (!unavailable && !isScanDue && touched.size === 0 && !files.hasAway()) isReturning = false;
  }

  while (!signal.aborted) {
    if (clock.steady() >= pollAt) poll();
    if (isScanDue) await scan();
    const paths = [...touched];
    touched.clear();
    written.clear();
    for (const one of paths) {
      await look(one);
      await turn.rest();
    }
    await settle();
    if (signal.aborted) break;
    deliver();
    if (paths.length > 0) lookedAt = clock.steady();
    if (!isScanDue && touched.size === 0) {
      await sleep(Math.max(quietMs, Math.min(pollAt, files.nextAt(), listAt) - clock.steady()), true);
      // Woken by time there is nothing that has to get quiet, and an event that comes meanwhile shall not wait.
      if (!isScanDue && touched.size === 0) continue;
    }
    if (!signal.aborted && touched.size > 0 && !isScanDue && clock.steady() - lookedAt >= quietMs) {
      // A file that took the place of another is whole.
      await lookAtReplaced();
    }
    if (!signal.aborted) await sleep(quietMs, false);
  }
  watches.close();
}
