import type { Clock } from '../clock.ts';
import type { Resource, Snapshot } from '../resource.ts';
import { lifeIn } from '../revision/living-shares.ts';
import { patched } from '../revision/patched-map.ts';
import type { Publisher } from './publisher.ts';

/** How long the endpoints that a cluster has lost stay where its share has gone elsewhere: until busy streams have sent the routes. */
const aMomentMs = 100;

type Put = Publisher['put'];
type View = NonNullable<Parameters<Put>[1]>;

/** What publishes in the order that a lost share asks for. */
export interface SharesFirst {
  readonly put: Put;
  stop(): void;
}

/** Endpoints that clusters have lost and that their Envoys keep for a moment, by cluster. */
interface Kept {
  readonly revision: string;
  readonly endpoints: ReadonlyMap<string, Resource>;
}

/** What is published a moment later. */
interface Late {
  readonly stable: Kept;
  /** Of those that try another revision; undefined: there are none. */
  readonly candidate: Kept | undefined;
  /** When, by the steady clock. */
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Where a cluster loses its last ready endpoint and its share of a split goes to another one, the routes are published first and the
 * endpoints a moment later: between the two, requests would meet a cluster without endpoints. Whoever is gone answers neither
 * way, and whoever only is not ready any more still does. So it is for the Envoys that try a revision, and for all others, each by
 * their own routes. Everything else is published at once; another revision takes all along.
 */
export function createSharesFirst(publisher: Publisher, clock: Clock): SharesFirst {
  const late = new Map<string, Late>();

  function put(...[group, view, endpoints]: Parameters<Put>): void {
    const waiting = late.get(group);
    waiting?.cancel();
    late.delete(group);
    const changed = endpoints && waiting ? new Set([...endpoints, ...keptNames(waiting)]) : endpoints;
    const next = view && keptOf(group, view, waiting, changed);
    const names = next ? keptNames(next) : new Set<string>();
    if (!view || !next || names.size === 0) {
      publisher.put(group, view, changed);
      return;
    }
    publisher.put(group, withKept(view, next), changed);
    const known = waiting ? keptNames(waiting) : new Set();
    const at = waiting && [...names].every((name) => known.has(name)) ? waiting.at : clock.steady() + aMomentMs;
    const cancel = clock.after(Math.max(0, at - clock.steady()), () => {
      late.delete(group);
      publisher.put(group, view, names);
    });
    late.set(group, { ...next, at, cancel });
  }

  function keptOf(
    group: string,
    { stable, candidate }: View,
    waiting: Late | undefined,
    changed: ReadonlySet<string> | undefined,
  ): Pick<Late, 'stable' | 'candidate'> {
    const [tried] = candidate?.nodes ?? [];
    return {
      stable: kept(publisher.get(group, ''), stable, waiting?.stable, changed),
      candidate: candidate && kept(tried === undefined ? undefined : publisher.get(group, tried), candidate.snapshot, waiting?.candidate, changed),
    };
  }

  return {
    put,
    stop() {
      for (const { cancel } of late.values()) cancel();
      late.clear();
    },
  };
}

/** What goes on being kept, as its clusters still have nobody, and what clusters have lost now. */
function kept(before: Snapshot | undefined, after: Snapshot, waiting: Kept | undefined, changed: ReadonlySet<string> | undefined): Kept {
  const isLost = (name: string): boolean => lifeIn(after.resources.endpoints, name) !== 'ready';
  const former = waiting?.revision === after.revision ? [...waiting.endpoints].filter(([name]) => isLost(name)) : [];
  const endpoints = new Map(former);
  const [old, next] = [before?.resources, after.resources];
  if (old && before?.revision === after.revision && old.routes !== next.routes) {
    for (const name of changed ?? next.endpoints.keys()) {
      const resource = old.endpoints.get(name);
      if (resource && !endpoints.has(name) && lifeIn(old.endpoints, name) === 'ready' && isLost(name)) endpoints.set(name, resource);
    }
  }
  return { revision: after.revision, endpoints };
}

function keptNames({ stable, candidate }: Pick<Late, 'stable' | 'candidate'>): ReadonlySet<string> {
  return new Set([...stable.endpoints.keys(), ...(candidate?.endpoints.keys() ?? [])]);
}

function withKept({ stable, candidate }: View, late: Pick<Late, 'stable' | 'candidate'>): View {
  return {
    stable: withEndpoints(stable, late.stable),
    ...(candidate && { candidate: late.candidate ? { ...candidate, snapshot: withEndpoints(candidate.snapshot, late.candidate) } : candidate }),
  };
}

function withEndpoints(snapshot: Snapshot, { endpoints }: Kept): Snapshot {
  if (endpoints.size === 0) return snapshot;
  return { ...snapshot, resources: { ...snapshot.resources, endpoints: patched(snapshot.resources.endpoints, [...endpoints]) } };
}
