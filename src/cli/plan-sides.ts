import type { ConfigAnswer } from '../admin/api/config.ts';
import type { DiagnosticsAnswer } from '../admin/api/diagnostics.ts';
import type { EncodedSnapshotAnswer } from '../admin/api/encoded.ts';
import type { StatusAnswer } from '../admin/api/status.ts';
import type { BuildOptions } from '../build.ts';
import type { GivenKubernetes } from '../config/kubernetes-options.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { IdleTime } from '../revision/cold-clusters.ts';
import type { YoungEndpoint } from '../revision/consequences.ts';
import type { Side } from '../revision/diff.ts';
import type { Settings } from '../settings.ts';
import { appliedTo } from './applied-objects.ts';
import { asked } from './asking.ts';
import { clusterOf } from './cluster-options.ts';
import type { CommandContext } from './context.ts';
import type { ComparingOptions } from './diff.ts';
import { snapshotOf } from './encoded-snapshot.ts';
import { buildFolders, type FolderBuild, sidesOfBuild } from './folder-build.ts';
import { folderSettings } from './ingress-options.ts';
import { readCluster } from './read-cluster.ts';
import { type ObjectsRead, readFolders } from './read-folders.ts';

export type PlanOptions = ComparingOptions & GivenKubernetes;

/** Both sides of a plan, by group. */
export interface PlanSides {
  readonly before: ReadonlyMap<string, Side>;
  readonly after: ReadonlyMap<string, Side>;
  /** Of the folders that are planned, and those that they lead to elsewhere in a cluster. */
  readonly diagnostics: readonly Diagnostic[];
  readonly settings: Settings;
}

/**
 * What is there and what folders would make of it: beside a running server, beside other folders, or in a cluster, which then
 * lies below both sides. A cluster is compared with itself, as it is, unless a server is named.
 * @throws {CommandError} where something cannot be read or asked.
 */
export function planSides(folders: readonly string[], options: PlanOptions, context: CommandContext): Promise<PlanSides> {
  const isServerNamed = options.server !== undefined || Boolean(context.env['SLUICE_SERVER']);
  const isOffline = options.config !== undefined || (clusterOf(options, context) !== undefined && !isServerNamed);
  return isOffline ? offline(folders, options, context) : besideServer(folders, options, context);
}

async function offline(folders: readonly string[], options: PlanOptions, context: CommandContext): Promise<PlanSides> {
  const choice = clusterOf(options, context);
  const settings = folderSettings(options, context, choice);
  const [now, next] = [readFolders(options.config ?? []), readFolders(folders)];
  const cluster = choice && (await readCluster(choice, settings, context.clock, [...now.objects, ...next.objects]));
  const [before, after] = [now, next].map((read) => planned(read, cluster, settings, context)) as [FolderBuild, FolderBuild];
  const diagnostics = cluster ? newOf(after.diagnostics, before.diagnostics) : after.diagnostics;
  return { before: sidesOfBuild(before.built), after: sidesOfBuild(after.built), diagnostics, settings };
}

async function besideServer(folders: readonly string[], options: PlanOptions, context: CommandContext): Promise<PlanSides> {
  const choice = clusterOf(options, context);
  const given = folderSettings(options, context);
  const next = readFolders(folders);
  const api = await asked(options, context);
  const [{ settings: served, sources }, { groups }] = await Promise.all([api.get<ConfigAnswer>('config'), api.get<StatusAnswer>('status')]);
  const settings = { ...served, ingress: { ...served.ingress, ...given.ingress } };
  const missesCluster = !choice && sources.some((name) => name.startsWith('kubernetes:'));
  if (missesCluster || sources.length > folders.length + (choice ? 1 : 0)) {
    context.terminal.complain(`the server reads ${sources.join(', ')}: what is not in ${folders.join(', ')} counts as removed`);
  }
  if (missesCluster) context.terminal.complain('give --kubernetes to see what applying these objects to the cluster would change');
  const cluster = choice && (await readCluster(choice, settings, context.clock, next.objects));
  const answers = await Promise.all(groups.map(({ name }) => api.get<EncodedSnapshotAnswer>('snapshot/encoded', { group: name })));
  const before = new Map(answers.map((one): [string, Side] => [one.group, { snapshot: snapshotOf(one), young: youngOf(one), idle: idleOf(one) }]));
  // Groups of gRPC clients are made for those who ask; what Envoy would refuse keeps its last good form, as in the server.
  const after = planned(next, cluster, settings, context, { asked: before.keys(), served: (group) => before.get(group)?.snapshot });
  const diagnostics = cluster ? newOf(after.diagnostics, (await api.get<DiagnosticsAnswer>('diagnostics')).diagnostics) : after.diagnostics;
  return { before, after: sidesOfBuild(after.built), diagnostics, settings };
}

/** What folders give, once they are applied to a cluster where one was read. */
function planned(folders: ObjectsRead, cluster: ObjectsRead | undefined, settings: Settings, { clock }: CommandContext, options?: BuildOptions): FolderBuild {
  if (!cluster) return buildFolders(folders, settings, clock, options);
  // There an Ingress of a file is as any other.
  const ingress = { ...settings.ingress, choosesOnlyOfCluster: false };
  return buildFolders(appliedTo(cluster, folders), { ...settings, ingress }, clock, options);
}

/** What was not complained about before: that of a cluster is somebody else's, unless a kind of its objects cannot be read. */
function newOf(after: readonly Diagnostic[], before: readonly Diagnostic[]): readonly Diagnostic[] {
  const idOf = ({ code, message, at }: Diagnostic): string => JSON.stringify([code, at.object, at.field, message]);
  const known = new Set(before.map(idOf));
  return after.filter((one) => one.at.file !== undefined || one.code === 'KindForbidden' || !known.has(idOf(one)));
}

function youngOf({ young }: EncodedSnapshotAnswer): ReadonlyMap<string, readonly YoungEndpoint[]> {
  return new Map(young.map(({ cluster, endpoints }) => [cluster, endpoints]));
}

function idleOf({ idle }: EncodedSnapshotAnswer): ReadonlyMap<string, IdleTime> {
  return new Map(idle.map(({ cluster, ...time }) => [cluster, time]));
}
