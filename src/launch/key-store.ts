import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts by name: `tls.crt`, `tls.key`. */
export type KeyTexts = Readonly<Record<string, string>>;

/** Where certificates and keys are kept: a folder, or the Secrets of a cluster. A path has the form `server`, `groups/default`. */
export interface KeyStore {
  /** Where a path lies, as people know it. */
  nameOf(path: string): string;
  /** Those of these names that are there. */
  read(path: string, names: readonly string[]): Promise<KeyTexts>;
  /** Makes these, in their order, and takes those away that are undefined; what is there already is left alone, as are others. */
  write(path: string, texts: Readonly<Record<string, string | undefined>>): Promise<void>;
}

/** Sub-folders of a folder. Each file comes by rename, so that none is ever read half. Only their owner may read them. */
export function folderStore(folder: string): KeyStore {
  return {
    nameOf: (path) => join(folder, path),
    async read(path, names) {
      const texts = await Promise.all(names.map(async (name) => [name, await textIn(join(folder, path, name))] as const));
      return Object.fromEntries(texts.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
    },
    async write(path, texts) {
      await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(texts)) {
        const file = join(folder, path, name);
        if (text === undefined) await rm(file, { force: true });
        else if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
          await writeFile(`${file}.new`, text, { mode: 0o600 });
          await rename(`${file}.new`, file);
        }
      }
    },
  };
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
