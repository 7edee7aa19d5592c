import { type FSWatcher, type Stats, watch } from 'node:fs';

/** Operating system's watches on folders, one a folder: they tell of its entries, also of their content. */
export interface FolderWatches {
  /** Watches exactly these folders, by path. A folder that is another one than before at the same path is watched anew. @returns how many were begun. */
  keep(folders: ReadonlyMap<string, Stats>): number;
  close(): void;
}

/**
 * @param onEvent something happened to an entry of a folder; `name` is undefined where the system does not say to which.
 * `isWritten`: it was written to where it stands; else it came, went, or took the place of another.
 * @param onFailure a folder cannot be watched, as when the system has no watches left.
 */
export function createFolderWatches(
  onEvent: (folder: string, name: string | undefined, isWritten: boolean) => void,
  onFailure: (folder: string, error: unknown) => void,
): FolderWatches {
  const watches = new Map<string, { readonly identity: string; readonly watcher: FSWatcher | undefined }>();

  function begin(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, (event, name) => onEvent(folder, name ?? undefined, event === 'change'));
      watcher.on('error', (error) => onFailure(folder, error));
      return watcher;
    } catch (error) {
      onFailure(folder, error);
      return undefined;
    }
  }

  return {
    keep(folders) {
      for (const [folder, { identity, watcher }] of watches) {
        const stats = folders.get(folder);
        if (stats && identityOf(stats) === identity) continue;
        watcher?.close();
        watches.delete(folder);
      }
      let begun = 0;
      for (const [folder, stats] of folders) {
        if (watches.has(folder)) continue;
        watches.set(folder, { identity: identityOf(stats), watcher: begin(folder) });
        begun += 1;
      }
      return begun;
    },
    close() {
      for (const { watcher } of watches.values()) watcher?.close();
      watches.clear();
    },
  };
}

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
