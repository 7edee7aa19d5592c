import { createHash } from 'node:crypto';
import type { CanarySettings } from '../settings.ts';
import { moreErrors, type Requests } from './rollout-errors.ts';
import { type BothTimes, moreSlow, type Times, timesTogether } from './rollout-times.ts';

/** An Envoy that is connected, as far as a rollout looks at it. */
export interface ConnectedNode {
  /** `node.id`. */
  readonly id: string;
  readonly group: string;
  /** The newest revision that it acknowledged all of; undefined: none yet. */
  readonly revisionAcked?: string;
}

/** A revision that a few Envoys of a group have before all the others. */
export interface Rollout {
  readonly revision: string;
  /** Since when these Envoys are watched, by the clock of the steps; while there are none: since when any is connected. Undefined: none is. */
  readonly since?: number;
  /** Ids of the Envoys that have it. Empty: nobody to try it on was connected yet. */
  readonly nodes: ReadonlySet<string>;
  /** How often each of them lost its stream. */
  readonly lost: ReadonlyMap<string, number>;
  /** How long requests took before any of them was tried; undefined: nobody reported. */
  readonly before?: BothTimes;
}

/** How long the first Envoys after a start have company to come, so that the share is one of all of them. */
const gatherMs = 5_000;
/** How often it is looked whether an Envoy came, while there is none. */
const lookMs = 1_000;
/** How often it is looked how requests end. */
const requestsMs = 5_000;
/** A stream may be lost by the network; twice is the revision's doing. */
const mostLost = 1;

/** Begins a rollout on Envoys that are connected. */
export function startRollout(revision: string, connected: readonly ConnectedNode[], canary: CanarySettings, now: number, reportsOf?: ReportsOf): Rollout {
  const nodes = chooseNodes(connected, canary, revision);
  const before = nodes.size > 0 && reportsOf ? timesOf(reportsBy(nodes, connected, (id) => reportsOf(id, Number.NEGATIVE_INFINITY))) : undefined;
  return { revision, nodes, lost: new Map(), ...(nodes.size > 0 ? { since: now } : {}), ...(before ? { before } : {}) };
}

/** The same Envoys go on with a newer revision, and are watched from the beginning. */
export function restartRollout({ nodes, before }: Rollout, revision: string, now: number): Rollout {
  return { revision, nodes, lost: new Map(), ...(nodes.size > 0 ? { since: now } : {}), ...(before ? { before } : {}) };
}

/**
 * The share of the Envoys that come first: by the hash of their id and the revision, so that it is not always the same ones
 * and every replica chooses alike. At least one, where any is connected; a share in percent is rounded down.
 */
function chooseNodes(connected: readonly ConnectedNode[], { share }: CanarySettings, revision: string): ReadonlySet<string> {
  const ids = [...new Set(connected.map(({ id }) => id))];
  const wanted = 'percent' in share ? Math.floor((ids.length * share.percent) / 100) : share.nodes;
  const ranked = ids.map((id) => ({ id, rank: createHash('sha256').update(`${id} ${revision}`).digest('hex') }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return new Set(ranked.slice(0, Math.max(1, wanted)).map(({ id }) => id));
}

/** What becomes of a rollout: it goes on as it is, to all, or back. */
export type Verdict = { readonly type: 'watch'; readonly rollout: Rollout } | { readonly type: 'onward' } | { readonly type: 'back'; readonly why: string };

/** Judges at a moment: how requests go, and the end of the watch. What Envoys refuse or lose is told by `lostBy` and the refusal itself. */
export function judgeRollout(rollout: Rollout, connected: readonly ConnectedNode[], canary: CanarySettings, now: number, reportsOf?: ReportsOf): Verdict {
  const { nodes, since, revision } = rollout;
  if (nodes.size === 0) {
    if (connected.length === 0) return { type: 'watch', rollout: { revision, nodes, lost: rollout.lost } };
    if (since === undefined) return { type: 'watch', rollout: { ...rollout, since: now } };
    return { type: 'watch', rollout: now < since + gatherMs ? rollout : startRollout(revision, connected, canary, now, reportsOf) };
  }
  const fault = since !== undefined && reportsOf ? faultOf(rollout, connected, (id) => reportsOf(id, since)) : undefined;
  if (fault !== undefined) return { type: 'back', why: fault };
  if (since === undefined || now < since + canary.watchMs) return { type: 'watch', rollout };
  for (const id of nodes) {
    const streams = connected.filter((node) => node.id === id);
    if (streams.length === 0) return { type: 'back', why: `${id} is not connected any more` };
    if (streams.every(({ revisionAcked }) => revisionAcked !== revision)) {
      return { type: 'back', why: `${id} has not acknowledged all of it within ${canary.watchMs / 1000} s: its clusters do not get warm` };
    }
  }
  return { type: 'onward' };
}

/** What an Envoy reported of its requests. */
export interface Reports extends Requests {
  readonly times: Times;
}

/** What the requests of an Envoy were since a moment, by its own reports; undefined: it does not report. */
export type ReportsOf = (node: string, from: number) => Reports | undefined;

interface BothReports {
  readonly first: readonly Reports[];
  readonly others: readonly Reports[];
}

function reportsBy(nodes: ReadonlySet<string>, connected: readonly ConnectedNode[], reportsOf: (node: string) => Reports | undefined): BothReports {
  const ids = [...new Set(connected.map(({ id }) => id))];
  const known = (isFirst: boolean): readonly Reports[] => ids.flatMap((id) => (nodes.has(id) === isFirst ? (reportsOf(id) ?? []) : []));
  return { first: known(true), others: known(false) };
}

const timesOf = ({ first, others }: BothReports): BothTimes => ({
  first: timesTogether(first.map(({ times }) => times)),
  others: timesTogether(others.map(({ times }) => times)),
});

function faultOf({ nodes, before }: Rollout, connected: readonly ConnectedNode[], reportsOf: (node: string) => Reports | undefined): string | undefined {
  const reports = reportsBy(nodes, connected, reportsOf);
  return moreErrors(reports.first, reports.others) ?? (before && moreSlow(before, timesOf(reports)));
}

/** An Envoy lost its last stream. */
export function lostBy(rollout: Rollout, node: string): Verdict {
  if (!rollout.nodes.has(node)) return { type: 'watch', rollout };
  const times = (rollout.lost.get(node) ?? 0) + 1;
  if (times > mostLost) return { type: 'back', why: `${node} lost its stream ${times} times` };
  return { type: 'watch', rollout: { ...rollout, lost: new Map(rollout.lost).set(node, times) } };
}

/** When `judgeRollout` is due next, by the clock of the steps. */
export function judgedAt({ nodes, since }: Rollout, canary: CanarySettings, now: number): number {
  if (nodes.size === 0 || since === undefined) return now + lookMs;
  // At the end at the latest, also where that is over.
  return Math.max(now, Math.min(now + requestsMs, since + canary.watchMs));
}
