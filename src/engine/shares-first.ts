import type { Clock } from '../clock.ts';
import type { Snapshot } from '../resource.ts';
import { lifeIn } from '../revision/living-shares.ts';
import { patched } from '../revision/patched-map.ts';
import type { Publisher } from './publisher.ts';

/** How long the endpoints that a cluster has lost stay where its share has gone elsewhere: until busy streams have sent the routes. */
const aMomentMs = 100;

type Put = Publisher['put'];

/** What publishes in the order that a lost share asks for. */
export interface SharesFirst {
  readonly put: Put;
  stop(): void;
}

/** What is published a moment later. */
interface Late {
  readonly names: ReadonlySet<string>;
  /** What has the endpoints that these clusters have lost. */
  readonly before: Snapshot;
  /** When, by the steady clock. */
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Where a cluster loses its last ready endpoint and its share of a split goes to another one, the routes are published first and the
 * endpoints a moment later: between the two, requests would meet a cluster without endpoints. Whoever is gone answers neither
 * way, and whoever only is not ready any more still does. Everything else is published at once; another revision takes all along.
 */
export function createSharesFirst(publisher: Publisher, clock: Clock): SharesFirst {
  const late = new Map<string, Late>();

  function put(...[group, view, endpoints]: Parameters<Put>): void {
    const waiting = late.get(group);
    waiting?.cancel();
    late.delete(group);
    // A few Envoys with another revision: whoever has which endpoints is hard enough to tell then.
    const before = view?.candidate ? undefined : (waiting?.before ?? publisher.get(group, ''));
    const changed = endpoints && waiting ? new Set([...endpoints, ...waiting.names]) : endpoints;
    const names = before && view ? lost(before, view.stable, waiting?.names ?? changed) : new Set<string>();
    if (!before || !view || names.size === 0) {
      publisher.put(group, view, changed);
      return;
    }
    publisher.put(group, { stable: withOld(view.stable, before, names) }, changed);
    const at = waiting?.at ?? clock.steady() + aMomentMs;
    const cancel = clock.after(Math.max(0, at - clock.steady()), () => {
      late.delete(group);
      publisher.put(group, view, names);
    });
    late.set(group, { names, before, at, cancel });
  }

  return {
    put,
    stop() {
      for (const { cancel } of late.values()) cancel();
      late.clear();
    },
  };
}

/** Clusters that have no ready endpoint any more, where routes changed with that. */
function lost(before: Snapshot, after: Snapshot, among: ReadonlySet<string> | undefined): ReadonlySet<string> {
  const [old, next] = [before.resources, after.resources];
  if (before.revision !== after.revision || old.routes === next.routes) return new Set();
  return new Set([...(among ?? next.endpoints.keys())].filter((name) => lifeIn(old.endpoints, name) === 'ready' && lifeIn(next.endpoints, name) !== 'ready'));
}

function withOld(after: Snapshot, before: Snapshot, names: ReadonlySet<string>): Snapshot {
  const kept = [...names].flatMap((name) => {
    const resource = before.resources.endpoints.get(name);
    return resource ? [[name, resource] as const] : [];
  });
  return { ...after, resources: { ...after.resources, endpoints: patched(after.resources.endpoints, kept) } };
}
