import { existsSync } from 'node:fs';
import { createApi } from '../admin/api.ts';
import { type Build, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import { defaultSettings } from '../settings.ts';
import { readFolder } from '../source/folder.ts';
import { storeViewOf } from '../store/store.ts';
import { certificateDiagnostics } from '../translate/tls.ts';
import type { Send } from './api-client.ts';
import { CommandError } from './command-error.ts';

/**
 * Answers the API from folders, in this process and without a server: what one would serve from them.
 * @throws {CommandError} where a path does not exist.
 */
export function sendToFolder(paths: readonly string[], version: string, clock: Clock): Send {
  for (const path of paths) {
    if (!existsSync(path)) throw new CommandError(`${path} does not exist`, { remedy: 'Name a folder or a file of YAML objects.' });
  }
  const read = readFolder(paths);
  const { view, diagnostics } = storeViewOf(read.objects);
  const built = build(view, defaultSettings);
  // Those of gRPC clients are there for those who ask.
  const builtFor = (group: string): Build => (built.groups.has(group) ? built : build(view, defaultSettings, { asked: [group] }));
  const groups = [...built.groups.keys()].sort();
  const certificates = [...built.groups.values()].flatMap((group) => certificateDiagnostics(group, clock.now()));
  const all = [...read.diagnostics, ...diagnostics, ...built.diagnostics, ...certificates];
  const sources = [{ name: paths.join(', '), ready: true, objects: read.objects.length }];
  const api = createApi({
    served: {
      view: () => view,
      sources: () => sources,
      diagnostics: () => all,
      groups: () => groups,
      group: (name) => builtFor(name).groups.get(name),
      snapshot: (group) => builtFor(group).snapshots.get(group),
      nodes: () => [],
      isReady: () => true,
    },
    settings: defaultSettings,
    clock,
    version,
    onBug: (error) => {
      throw error;
    },
  });
  return async (path, init) => api.request(path, init);
}
