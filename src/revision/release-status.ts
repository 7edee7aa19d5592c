import type { Origin } from '../diagnostic.ts';
import type { ReleaseSettings } from '../settings.ts';
import type { Lost } from './fuse.ts';
import { type Release, wipeGoesOutAt } from './release.ts';
import { isHolding, wipeWords } from './release-news.ts';

/** What of a group's revisions is served, for people and programs. Times are milliseconds since 1970. */
export interface ReleaseStatus {
  readonly group: string;
  /** Undefined: nothing is. */
  readonly served?: string;
  /** What the objects ask for. Undefined: nothing asks for the group, or no source has been read yet. */
  readonly newest?: string;
  /** Why the newest is not served, or not all of it. Undefined: it is, or a rollout is under way. */
  readonly held?: HeldStatus;
  readonly pin?: { readonly since: number; readonly why: string };
  readonly rollout?: RolloutStatus;
}

/** Something that is held back. */
interface HeldStatus {
  /** `bulk`: a bulk change takes away too much; `canary`: it went back from the Envoys that had it first; `pin`: the group is pinned. */
  readonly reason: 'bulk' | 'canary' | 'pin';
  /** One sentence without its full stop. */
  readonly why: string;
  readonly since: number;
  /** When it goes out by itself. Undefined: it does not. */
  readonly goesOutAt?: number;
  /** What is kept in service though the newest does not have it; of `bulk` only. */
  readonly kept?: KeptStatus;
}

/** What a bulk change would take away, by type: names, at most 20 each, of how many. */
interface KeptStatus {
  readonly listeners: NamesStatus;
  readonly routes: NamesStatus;
  readonly clusters: NamesStatus;
  /** Clusters that keep their endpoints. */
  readonly endpoints: NamesStatus;
  /** Objects that are served and are gone, at most 20. */
  readonly objects: readonly Origin[];
  /** How many more there are. */
  readonly moreObjects: number;
}

/** Some names of many. */
interface NamesStatus {
  readonly count: number;
  readonly of: number;
  readonly names: readonly string[];
}

/** A revision that some Envoys have before the others. */
interface RolloutStatus {
  readonly revision: string;
  /** Ids of these Envoys; empty while none is connected. */
  readonly nodes: readonly string[];
  /** When it goes on to all, unless it goes back before; undefined while no Envoy is watched. */
  readonly goesOnAt?: number;
}

const mostNames = 20;

/** What `releaseStatus` asks for besides the release. */
export interface ReleaseStatusOptions {
  readonly settings: ReleaseSettings;
  /** The objects that what is served comes from and that are not there any more. */
  readonly goneObjects: () => readonly Origin[];
  /** The date of a time by the clock of the steps. */
  readonly dateOf: (at: number) => number;
}

export function releaseStatus(group: string, release: Release, options: ReleaseStatusOptions): ReleaseStatus {
  const { settings, dateOf } = options;
  const { served, newest, pin, rollout } = release;
  const held = heldStatus(release, options);
  return {
    group,
    ...(served ? { served: served.snapshot.revision } : {}),
    ...(newest ? { newest: newest.snapshot.revision } : {}),
    ...(held ? { held } : {}),
    ...(pin ? { pin } : {}),
    ...(rollout
      ? {
          rollout: {
            revision: rollout.revision,
            nodes: [...rollout.nodes].sort(),
            ...(rollout.nodes.size > 0 && rollout.since !== undefined && settings.canary ? { goesOnAt: dateOf(rollout.since + settings.canary.watchMs) } : {}),
          },
        }
      : {}),
  };
}

function heldStatus(release: Release, { settings, goneObjects, dateOf }: ReleaseStatusOptions): HeldStatus | undefined {
  const { served, newest, pin, wipe, refusal } = release;
  if (isHolding(wipe)) {
    const goesOutAt = wipeGoesOutAt(release, settings);
    const objects = goneObjects();
    const kept: KeptStatus = {
      listeners: namesStatus(wipe.loss.listeners),
      routes: namesStatus(wipe.loss.routes),
      clusters: namesStatus(wipe.loss.clusters),
      endpoints: namesStatus({ names: [...wipe.emptied], of: served?.snapshot.resources.endpoints.size ?? 0 }),
      objects: objects.slice(0, mostNames),
      moreObjects: Math.max(0, objects.length - mostNames),
    };
    return { reason: 'bulk', why: wipeWords(wipe), since: dateOf(wipe.since), ...(goesOutAt === undefined ? {} : { goesOutAt: dateOf(goesOutAt) }), kept };
  }
  if (pin && newest?.snapshot.revision !== served?.snapshot.revision) return { reason: 'pin', why: pin.why, since: pin.since };
  return refusal && { reason: 'canary', why: refusal.why, since: refusal.since };
}

function namesStatus({ names, of }: Lost): NamesStatus {
  return { count: names.length, of, names: names.slice(0, mostNames) };
}
