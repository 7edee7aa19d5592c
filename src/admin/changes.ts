import type { NodeStatus } from '../ads/stream/status.ts';
import type { Clock } from '../clock.ts';
import type { ResourceType, SnapshotChange } from '../resource.ts';
import type { StatusAnswer } from './api/status.ts';

/** What followers are told, by the name of the event. Each says enough to ask the other calls of the API again. */
export interface ChangeEvents {
  /** The first: everything, as `GET /api/v1/status`. */
  readonly state: StatusAnswer;
  /** Groups whose revision or resources changed, with the types that did since the last event, and groups that are gone. */
  readonly groups: {
    readonly changed: readonly { readonly name: string; readonly revision: string; readonly types: readonly ResourceType[] }[];
    readonly gone: readonly string[];
  };
  /** Streams that are new or whose state changed (not for the time that an answer takes alone), and streams that ended. */
  readonly nodes: { readonly changed: readonly NodeStatus[]; readonly gone: readonly { readonly id: string; readonly group: string; readonly peer: string }[] };
  /** All else of the status; also where only the text of a diagnostic changed. */
  readonly server: Omit<StatusAnswer, 'groups' | 'nodes'>;
  /** The last: why no more will come. */
  readonly end: { readonly reason: string };
}

/** Takes one event, its data as JSON. */
type Follower = (event: keyof ChangeEvents, data: string) => void;

/** What is compared: how everything is now. */
interface Look {
  readonly status: StatusAnswer;
  /** Identifies the diagnostics that stand. */
  readonly diagnostics: string;
}

/**
 * Turns "something changed" into events that say what, for whoever follows: compared at most twice a second however much
 * happens, once for all of them, and never while nobody follows.
 */
export interface Changes {
  /** Something may be different: cheap, to be called for everything that happens. */
  touch(): void;
  /** Resources of a group were replaced. */
  replaced(group: string, change: SnapshotChange): void;
  /** Sets what is looked at. */
  lookAt(look: () => Look): void;
  /** Begins to tell, with the whole state in the same turn. Returns the function that ends it. */
  follow(follower: Follower): () => void;
  /** How many follow. */
  followers(): number;
  /** Tells all that it is over. */
  stop(): void;
}

/** From a touch to the look, so that what belongs together is told together; and between two looks. */
const gatherMs = 50;
const pauseMs = 500;
/** What comes by time alone, such as a certificate that expires, touches nothing: it is looked for. */
const idleMs = 10_000;

/** Makes one that nobody follows yet. */
export function createChanges(clock: Clock): Changes {
  const followers = new Set<Follower>();
  let look: (() => Look) | undefined;
  let known: Look | undefined;
  let replacedTypes = new Map<string, Set<ResourceType>>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isTouched = false;
  let cancel: (() => void) | undefined;

  function touch(): void {
    if (followers.size === 0 || isTouched) return;
    isTouched = true;
    compareIn(Math.max(gatherMs, lookedAt + pauseMs - clock.steady()));
  }

  function compareIn(delayMs: number): void {
    cancel?.();
    cancel = clock.after(delayMs, compare);
  }

  function compare(): void {
    isTouched = false;
    const before = known;
    if (!look) return;
    compareIn(idleMs);
    const now = look();
    known = now;
    lookedAt = clock.steady();
    const types = replacedTypes;
    replacedTypes = new Map();
    if (before) for (const [event, data] of differences(before, now, types)) tell(event, data);
  }

  function tell<Event extends keyof ChangeEvents>(event: Event, data: ChangeEvents[Event]): void {
    const text = JSON.stringify(data);
    for (const follower of [...followers]) follower(event, text);
  }

  return {
    touch,
    replaced(group, change) {
      if (followers.size === 0) return;
      const all = replacedTypes.get(group) ?? new Set();
      for (const type of Object.keys(change) as ResourceType[]) all.add(type);
      replacedTypes.set(group, all);
      touch();
    },
    lookAt(next) {
      look = next;
    },
    follow(follower) {
      // The others get what is new now, so that all have the same to compare with.
      compare();
      followers.add(follower);
      if (known) follower('state', JSON.stringify(known.status));
      return () => {
        followers.delete(follower);
        if (followers.size > 0) return;
        cancel?.();
        isTouched = false;
        known = undefined;
        replacedTypes.clear();
      };
    },
    followers: () => followers.size,
    stop() {
      cancel?.();
      tell('end', { reason: 'the server is stopping' });
      followers.clear();
    },
  };
}

type Told = { readonly [Event in keyof ChangeEvents]: readonly [Event, ChangeEvents[Event]] }[keyof ChangeEvents];

function differences(before: Look, now: Look, types: ReadonlyMap<string, ReadonlySet<ResourceType>>): readonly Told[] {
  const told: Told[] = [];
  const revisions = new Map(before.status.groups.map(({ name, revision }) => [name, revision]));
  const changed = now.status.groups.filter(({ name, revision }) => revisions.get(name) !== revision || types.has(name));
  const gone = [...revisions.keys()].filter((name) => !now.status.groups.some((group) => group.name === name));
  if (changed.length + gone.length > 0) {
    told.push(['groups', { changed: changed.map((group) => ({ ...group, types: [...(types.get(group.name) ?? [])] })), gone }]);
  }
  const nodes = nodeDifferences(before.status.nodes, now.status.nodes);
  if (nodes.changed.length + nodes.gone.length > 0) told.push(['nodes', nodes]);
  const [serverBefore, server] = [serverOf(before.status), serverOf(now.status)];
  if (before.diagnostics !== now.diagnostics || comparable(serverBefore) !== comparable(server)) told.push(['server', server]);
  return told;
}

function nodeDifferences(before: readonly NodeStatus[], now: readonly NodeStatus[]): ChangeEvents['nodes'] {
  const old = new Map(before.map((node) => [streamOf(node), node]));
  const changed: NodeStatus[] = [];
  for (const node of now) {
    const was = old.get(streamOf(node));
    old.delete(streamOf(node));
    if (!was || comparable(was) !== comparable(node)) changed.push(node);
  }
  return { changed, gone: [...old.values()].map(({ id, group, peer }) => ({ id, group, peer })) };
}

/** Identifies a stream: an Envoy may have several, for one type each. */
function streamOf({ id, group, peer, connectedAt, only }: NodeStatus): string {
  return JSON.stringify([id, group, peer, connectedAt, only ?? '']);
}

function serverOf({ groups: _groups, nodes: _nodes, ...server }: StatusAnswer): ChangeEvents['server'] {
  return server;
}

const passing = new Set(['lagMs', 'now', 'endpointsBehindMs', 'endpointLag']);

/** Times that pass by themselves, or are measured again and again, are no change. */
function comparable(value: object): string {
  return JSON.stringify(value, (key, part) => (passing.has(key) ? undefined : part));
}
