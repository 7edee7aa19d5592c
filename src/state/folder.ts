import { hash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { History } from '../revision/history.ts';
import type { KeptAges } from '../warm-up/kept-ages.ts';
import { createFolderClaim } from './folder-claim.ts';
import { createHistory } from './history.ts';
import type { Entry, GroupRelease, Medium } from './medium.ts';
import { folderLimits, type Limits } from './retention.ts';
import type { SecretKey } from './secret-key.ts';
import { isUnfinished, readStateFile, type StateFileKind, writeStateFile } from './state-file.ts';
import { createUnreadable } from './unreadable.ts';

/** What a history in a folder is made with. */
export interface StateFolderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Undefined: no value of a secret is written. */
  readonly key?: SecretKey;
  readonly limits?: Limits;
  /** Told of each failure to write, for metrics. */
  readonly onFailure?: () => void;
}

/** A history in a folder, which outlives the process. The folder is made where it is missing. */
export function createStateFolder(folder: string, options: StateFolderOptions): History {
  return createHistory(folderMedium(folder, options), { limits: folderLimits, ...options });
}

/** Files that are read at the same time. */
const readAtOnce = 16;

/**
 * `ages`, `bundles/KEY`, and for each group `groups/GROUP/release`, `groups/GROUP/revisions/REVISION`, `groups/GROUP/endpoints/PART`. Each file has its sum in
 * its first line and is written as a whole. Bundles and what refers to them are there after a power failure, endpoints and ages may not be.
 */
function folderMedium(folder: string, { clock, log, key }: StateFolderOptions): Medium {
  const claim = createFolderClaim(folder, clock);
  const unreadable = createUnreadable(log);
  const bundlePath = (name: string): string => join(folder, 'bundles', name);
  const groupPath = (group: string, ...rest: readonly string[]): string => join(folder, 'groups', folderNameOf(group), ...rest);
  const agesPath = join(folder, 'ages');
  const madeFolders = new Set<string>();
  /** Whether something is there that could not be read now, and may be another time: what it refers to is not known. */
  let hasUnknown = false;

  async function makeFolder(path: string): Promise<void> {
    if (madeFolders.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    madeFolders.add(path);
  }

  async function write(path: string, kind: StateFileKind, content: Buffer, { isDurable = true } = {}): Promise<void> {
    requireClaim();
    await makeFolder(dirname(path));
    try {
      await writeStateFile(path, kind, content, isDurable);
    } catch (error) {
      // Perhaps someone removed the folder: it is made again next time.
      madeFolders.clear();
      throw error;
    }
    // A pin does not come back with the next release of its group: somebody is to read that it is gone.
    if (kind !== 'release') unreadable.forget(path);
  }

  async function remove(path: string): Promise<void> {
    requireClaim();
    await rm(path, { recursive: true, force: true });
    madeFolders.clear();
    unreadable.forget(path);
  }

  function requireClaim(): void {
    if (!claim.isHeld()) throw new Error('another server took the folder');
  }

  /** The content of a file; undefined with a diagnostic where it cannot be used. What is broken is removed, as nobody can use it. */
  async function read(path: string, kind: StateFileKind): Promise<Buffer | undefined> {
    const file = await readStateFile(path, kind);
    if ('content' in file) return file.content;
    if (kind === 'release') unreadable.addRelease(path, file.message);
    else unreadable.add(path, file.message);
    if (file.problem !== 'broken') hasUnknown = true;
    else if (claim.isHeld()) await rm(path, { force: true }).catch(() => undefined);
    return undefined;
  }

  async function readJson<Content>(path: string, kind: StateFileKind): Promise<Content | undefined> {
    const content = await read(path, kind);
    return content && (JSON.parse(content.toString()) as Content);
  }

  /** Names in a folder; none where there is no folder. */
  async function namesIn(path: string): Promise<readonly string[]> {
    try {
      return await readdir(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') {
        hasUnknown = true;
        unreadable.add(path, message);
      }
      return [];
    }
  }

  /** The same at a time when nothing is being written: what a server before left unfinished is removed. */
  async function tidyNamesIn(path: string): Promise<readonly string[]> {
    const names = await namesIn(path);
    for (const name of claim.isHeld() ? names.filter(isUnfinished) : []) await rm(join(path, name), { force: true });
    return names.filter((name) => !isUnfinished(name));
  }

  return {
    place: folder,
    async claim() {
      if (claim.isHeld()) return false;
      await makeFolder(folder);
      return claim.take();
    },
    async read() {
      hasUnknown = false;
      const groups = await namesIn(join(folder, 'groups'));
      const releases: GroupRelease[] = [];
      const entries: Entry[] = [];
      for (const group of groups) {
        const at = join(folder, 'groups', group);
        if ((await tidyNamesIn(at)).includes('release')) {
          const release = await readJson<GroupRelease>(join(at, 'release'), 'release');
          if (release) releases.push(release);
        }
        const revisions = await tidyNamesIn(join(at, 'revisions'));
        for (let index = 0; index < revisions.length; index += readAtOnce) {
          const some = revisions.slice(index, index + readAtOnce).map((name) => readJson<Entry>(join(at, 'revisions', name), 'revision'));
          entries.push(...(await Promise.all(some)).filter((entry) => entry !== undefined));
        }
      }
      const bundles = await tidyNamesIn(join(folder, 'bundles'));
      return { entries, releases, bundles: hasUnknown ? [] : bundles };
    },
    async readServed() {
      const found: { readonly release: GroupRelease; readonly entry: Entry | undefined }[] = [];
      for (const name of await namesIn(join(folder, 'groups'))) {
        const at = join(folder, 'groups', name);
        if (!(await namesIn(at)).includes('release')) continue;
        const release = await readJson<GroupRelease>(join(at, 'release'), 'release');
        if (!release) continue;
        const served = release.release?.served;
        const isThere = served !== undefined && (await namesIn(join(at, 'revisions'))).includes(served);
        found.push({ release, entry: isThere ? await readJson<Entry>(join(at, 'revisions', served), 'revision') : undefined });
      }
      return found;
    },
    keyOf: (id, secret) => (secret && key ? `${id}.${key.id}` : id),
    keepsSecrets: key !== undefined,
    writeBundle: ({ key: name, secret }, content) =>
      secret && key ? write(bundlePath(name), 'sealed', key.seal(name, content)) : write(bundlePath(name), 'bundle', content),
    async readBundle({ key: name, secret }) {
      const content = await read(bundlePath(name), secret ? 'sealed' : 'bundle');
      if (!content || !secret) return content;
      const opened = key?.open(name, content);
      if (!opened) unreadable.addSealed(bundlePath(name), key !== undefined);
      return opened;
    },
    removeBundle: (name) => remove(bundlePath(name)),
    writeEntry: (entry) => write(groupPath(entry.record.group, 'revisions', entry.record.revision), 'revision', json(entry)),
    removeEntry: ({ group, revision }) => remove(groupPath(group, 'revisions', revision)),
    async writeRelease(release) {
      const path = groupPath(release.group, 'release');
      await write(path, 'release', json(release));
      if (release.release?.pin) unreadable.forget(path);
    },
    removeGroup: (group) => remove(groupPath(group)),
    async writeEndpoints(group, part, content) {
      const path = groupPath(group, 'endpoints', String(part));
      if (content) await write(path, 'endpoints', content, { isDurable: false });
      else await remove(path);
    },
    async readEndpoints(group) {
      const at = groupPath(group, 'endpoints');
      const parts: Buffer[] = [];
      for (const name of (await namesIn(at)).filter((each) => !isUnfinished(each))) {
        const content = await read(join(at, name), 'endpoints');
        if (content) parts.push(content);
      }
      return parts;
    },
    writeAges: (ages) => write(agesPath, 'ages', json(ages), { isDurable: false }),
    readAges: async () => ((await namesIn(folder)).includes('ages') ? readJson<KeptAges>(agesPath, 'ages') : undefined),
    diagnostics: () => unreadable.diagnostics(),
    close: () => claim.giveBack(),
  };
}

function json(value: Entry | GroupRelease | KeptAges): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Longer names would not fit into a folder. */
const longestName = 120;

/** A name for the folder of a group: readable, safe, and different for different groups. */
function folderNameOf(group: string): string {
  const safe = encodeURIComponent(group).replaceAll('.', '%2E').replaceAll('*', '%2A');
  return safe.length <= longestName ? safe : `${safe.slice(0, 80)}-${hash('sha256', group, 'hex').slice(0, 32)}`;
}
