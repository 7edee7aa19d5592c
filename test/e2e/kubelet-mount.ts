import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Shows the files of a folder in another as kubelet does with those of a Secret: each is a link through `..data`, which is a link to the folder
 * of now, and all of them change at once when `..data` is replaced.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
 */
export async function projectAsKubelet(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const now = await mkdtemp(join(to, '..2026_'));
  await cp(from, now, { recursive: true });
  const before = (await readdir(to)).filter((name) => name.startsWith('..2026_') && name !== basename(now));
  await symlink(basename(now), join(to, '..data_tmp'));
  await rename(join(to, '..data_tmp'), join(to, '..data'));
  const shown = await readdir(to);
  for (const name of await readdir(now)) if (!shown.includes(name)) await symlink(join('..data', name), join(to, name));
  for (const name of before) await rm(join(to, name), { recursive: true });
}
