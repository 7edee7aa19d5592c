import { Hono } from 'hono';
import type { NodeStatus } from '../../ads/stream/status.ts';
import type { Clock } from '../../clock.ts';
import type { Diagnostic, Severity } from '../../diagnostic.ts';
import type { SplitRow } from '../../load/split-rows.ts';
import type { ReleaseStatus } from '../../revision/release-status.ts';
import type { EndpointLag } from '../../status/endpoint-lag.ts';
import type { SourceState } from '../../store/store.ts';
import { type WarmUpStatus, warmUpStatuses } from '../../warm-up/pool-warm-up.ts';
import { missingSources } from '../choose-group.ts';
import type { Served } from '../served.ts';

/** The answer of `GET /api/v1/status`. */
export interface StatusAnswer {
  /** Version of Sluice. */
  readonly version: string;
  /** Time of the server, in milliseconds since 1970: every other time here is by the same clock. */
  readonly now: number;
  readonly ready: boolean;
  /** Names of the sources that have not listed yet: nothing is answered before. */
  readonly waitingFor: readonly string[];
  readonly groups: readonly { readonly name: string; readonly revision: string }[];
  /** Every stream, sorted by group and node. */
  readonly nodes: readonly NodeStatus[];
  readonly sources: readonly SourceState[];
  readonly diagnostics: DiagnosticCounts;
  /** Groups of which a newer state is held back; `releases` says why. */
  readonly held: readonly string[];
  /** By group: which revision is served, which is the newest, and what is held, pinned, or tried on a few Envoys. */
  readonly releases: readonly ReleaseStatus[];
  /** Services and Backends with endpoints that are young, of those that somebody warms up. */
  readonly warmUps: readonly WarmUpStatus[];
  /** How long changed endpoints take to the slowest Envoy of each group, and what follows from that for pods that end. */
  readonly endpointLag: readonly EndpointLag[];
  /** What the splits get, of the first of them; undefined in the stream of changes, as requests change at every moment. */
  readonly splits?: { readonly rows: readonly SplitRow[]; readonly more: number };
  /** Set while what was stored is served, as a source stays away: since when the oldest of it was in force. */
  readonly servesStored?: { readonly storedAt: number };
}

/** How many diagnostics stand, by severity. */
export type DiagnosticCounts = Readonly<Record<Severity, number>>;

/** How the server and its Envoys are. */
export function statusApi(served: Served, version: string, clock: Clock): Hono {
  return new Hono().get('/status', (context) => {
    const splits = served.splits?.() ?? [];
    const rows = splits.slice(0, mostSplits);
    return context.json({ ...statusAnswer(served, version, clock.now()), splits: { rows, more: splits.length - rows.length } } satisfies StatusAnswer);
  });
}

/** A page; `sluice get splits` has them all. */
const mostSplits = 20;

/** How everything is at this moment. */
export function statusAnswer(served: Served, version: string, now: number): StatusAnswer {
  const releases = served.release?.releases() ?? [];
  const servesStored = served.release?.servesStored();
  const nodes = served.nodes();
  return {
    version,
    now,
    ready: served.isReady(),
    waitingFor: missingSources(served),
    groups: served.groups().map((name) => ({ name, revision: served.snapshot(name)?.revision ?? '' })),
    nodes: [...nodes].sort((a, b) => compare(a.group, b.group) || compare(a.id, b.id)),
    sources: served.sources(),
    diagnostics: diagnosticCounts(served.diagnostics('recent')),
    held: releases.filter(({ held }) => held !== undefined).map(({ group }) => group),
    releases,
    warmUps: warmUpStatuses(served.warmUps?.() ?? []),
    endpointLag: served.endpointLag?.(nodes) ?? [],
    ...(servesStored ? { servesStored } : {}),
  };
}

/** How many diagnostics stand, by severity. */
export function diagnosticCounts(diagnostics: readonly Diagnostic[]): DiagnosticCounts {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of diagnostics) counts[severity] += 1;
  return counts;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
