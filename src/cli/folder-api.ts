import { createApi } from '../admin/api.ts';
import { type Build, build } from '../build.ts';
import type { Clock } from '../clock.ts';
import { withLivingShares } from '../revision/living-shares.ts';
import type { Settings } from '../settings.ts';
import type { Send } from './api-client.ts';
import { buildFolders } from './folder-build.ts';
import type { ObjectsRead } from './read-folders.ts';

/** Answers the API from folders, in this process and without a server: what one would serve from them. @param name of what was read. */
export function sendToFolder(name: string, folders: ObjectsRead, settings: Settings, version: string, clock: Clock, cluster?: ObjectsRead): Send {
  const { view, objects, built, diagnostics } = buildFolders(folders, settings, clock, undefined, cluster);
  // Those of gRPC clients are there for those who ask.
  const builtFor = (group: string): Build => (built.groups.has(group) ? built : build(view, settings, { asked: [group] }));
  const groups = [...built.groups.keys()].sort();
  const sources = [{ name, ready: true, objects }];
  const api = createApi({
    served: {
      view: () => view,
      sources: () => sources,
      diagnostics: () => diagnostics,
      groups: () => groups,
      group: (name) => builtFor(name).groups.get(name),
      snapshot(group) {
        const snapshot = builtFor(group).snapshots.get(group);
        return snapshot && withLivingShares(snapshot);
      },
      written: (group) => builtFor(group).snapshots.get(group),
      nodes: () => [],
      isReady: () => true,
    },
    settings,
    clock,
    version,
    onBug: (error) => {
      throw error;
    },
  });
  return async (path, init) => api.request(path, init);
}
