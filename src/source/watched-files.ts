import type { Stats } from 'node:fs';
import type { Diagnostic } from '../diagnostic.ts';
import type { SourceChange } from '../store/sink.ts';
import type { Stored } from '../store/stored.ts';
import { createFileSet } from './file-set.ts';
import type { FileState } from './file-state.ts';

/** How long a file must stand still, or stay away, before what is missing from it counts as gone, in milliseconds. */
const settledMs = 250;

/** What tells a file from another one, or from itself before it was written to. */
export type FileStats = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/** A file as it was last read. */
interface WatchedFile {
  readonly state: FileState;
  readonly stats: FileStats;
}

/** What is known of the files of a source. Times are milliseconds of one clock. */
export interface WatchedFiles {
  get(path: string): WatchedFile | undefined;
  has(path: string): boolean;
  paths(): readonly string[];
  /** Size of all files together, but for one, in bytes. */
  bytesWithout(path: string): number;
  /** A file was read; it is not away, then. */
  put(path: string, file: WatchedFile, now: number): void;
  /** A file is not at its path. */
  leave(path: string, now: number): void;
  /** Files that are away count as being there after all, as when it is their folder that is away. */
  stayAll(): void;
  /** A file is gone for good, with all that it held. */
  remove(path: string): void;
  isAway(path: string): boolean;
  hasAway(): boolean;
  /** Files that stood still, while objects are missing from them, for long enough to believe that. */
  settled(now: number): readonly string[];
  /** Files that are away, once none went for long enough to believe it; before that none. */
  gone(now: number): readonly string[];
  /** When `settled` or `gone` may next give something; infinite: not before another file changes. */
  nextAt(): number;
  /** How long it takes until no file is any more of which the end may still be missing, as it was written to just now. @param date of now, by the clock of the machine. */
  wholeInMs(date: number): number;
  /** Of all files, in the order of their paths. */
  diagnostics(): readonly Diagnostic[];
  all(): readonly Stored[];
  takeChange(): SourceChange | undefined;
}

/** Starts without any file. */
export function createWatchedFiles(): WatchedFiles {
  const files = new Map<string, WatchedFile>();
  const set = createFileSet();
  let bytes = 0;
  /** Since when each stands still. */
  const unsettled = new Map<string, number>();
  /** Since when each is away. */
  const away = new Map<string, number>();
  const flawed = new Set<string>();

  const goneAt = (): number => (away.size === 0 ? Number.POSITIVE_INFINITY : Math.max(...away.values()) + settledMs);

  function stay(path: string): void {
    away.delete(path);
    set.setAway(path, false);
  }

  return {
    get: (path) => files.get(path),
    has: (path) => files.has(path),
    paths: () => [...files.keys()],
    bytesWithout: (path) => bytes - (files.get(path)?.stats.size ?? 0),
    put(path, file, now) {
      const known = files.get(path);
      bytes += file.stats.size - (known?.stats.size ?? 0);
      const { state, stats } = file;
      // Whole statistics take half a kilobyte of each file.
      const { dev, ino, size, mtimeMs } = stats;
      files.set(path, { state, stats: { dev, ino, size, mtimeMs } });
      if (!state.isUnsettled) unsettled.delete(path);
      else if (!unsettled.has(path) || !known || isOther(known.stats, stats)) unsettled.set(path, now);
      if (state.diagnostics.length > 0) flawed.add(path);
      else flawed.delete(path);
      stay(path);
      set.put(path, state.objects);
    },
    leave(path, now) {
      if (away.has(path)) return;
      away.set(path, now);
      set.setAway(path, true);
    },
    stayAll() {
      for (const path of [...away.keys()]) stay(path);
    },
    remove(path) {
      bytes -= files.get(path)?.stats.size ?? 0;
      files.delete(path);
      unsettled.delete(path);
      flawed.delete(path);
      set.put(path, new Map());
      stay(path);
    },
    isAway: (path) => away.has(path),
    hasAway: () => away.size > 0,
    settled: (now) => [...unsettled].filter(([path, since]) => now >= since + settledMs && !away.has(path)).map(([path]) => path),
    gone: (now) => (now >= goneAt() ? [...away.keys()] : []),
    nextAt: () => Math.min(goneAt(), ...[...unsettled].filter(([path]) => !away.has(path)).map(([, since]) => since + settledMs)),
    wholeInMs(date) {
      let latest = Number.NEGATIVE_INFINITY;
      for (const { stats } of files.values()) {
        // File systems date finer than the clock that is read, so what was written just now may lie a little ahead of it.
        // A date further to come says nothing: the clock that wrote it is another one.
        if (stats.mtimeMs <= date + settledMs) latest = Math.max(latest, Math.min(stats.mtimeMs, date));
      }
      return Math.max(0, latest + settledMs - date);
    },
    diagnostics: () => [...flawed].sort().flatMap((path) => files.get(path)?.state.diagnostics ?? []),
    all: () => set.all(),
    takeChange: () => set.takeChange(),
  };
}

/** Whether a path holds another file than it did, or one that was written to. */
export function isOther(before: FileStats, after: FileStats): boolean {
  return isReplaced(before, after) || before.size !== after.size || before.mtimeMs !== after.mtimeMs;
}

/** Whether another file took the place of one, as by a rename. */
export function isReplaced(before: FileStats, after: FileStats): boolean {
  return before.ino !== after.ino || before.dev !== after.dev;
}
