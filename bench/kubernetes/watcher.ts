import type { ClusterClient } from '../../src/kubernetes/client.ts';
import { watchEvents } from '../../src/source/cluster/watch-events.ts';

/** Watches a kind beside Sluice, on a connection of its own. `using` ends it. */
export interface Watcher extends Disposable {
  /** When an object was last heard of, by `performance.now()`; undefined: not yet. */
  heardAt(name: string): number | undefined;
}

/** Resolves when the API server has begun to tell. @param path of all objects of the kind in a namespace. */
export async function startWatcher(client: ClusterClient, path: string): Promise<Watcher> {
  const { metadata } = (await client.ask({ path, query: { limit: 1 } })) as { readonly metadata: { readonly resourceVersion: string } };
  const ending = new AbortController();
  const heard = new Map<string, number>();
  const query = { watch: true, resourceVersion: metadata.resourceVersion, timeoutSeconds: 3600 };
  const stream = await client.stream({ path, query, signal: ending.signal });
  void follow();

  async function follow(): Promise<void> {
    try {
      for await (const events of watchEvents(stream)) {
        const at = performance.now();
        for (const { object } of events) heard.set((object as { readonly metadata: { readonly name: string } }).metadata.name, at);
      }
    } catch {
      // It ends with the run; whoever waits for an event that does not come says so.
    }
  }

  return { heardAt: (name) => heard.get(name), [Symbol.dispose]: () => ending.abort() };
}
