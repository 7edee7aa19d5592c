import type { Command } from 'commander';
import type { ConfigAnswer } from '../admin/api/config.ts';
import type { EncodedSnapshotAnswer } from '../admin/api/encoded.ts';
import type { StatusAnswer } from '../admin/api/status.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { YoungEndpoint } from '../revision/consequences.ts';
import type { Side } from '../revision/diff.ts';
import { type GroupPlan, groupPlan } from '../revision/plan.ts';
import { atOnce } from '../revision/steps.ts';
import type { Settings } from '../settings.ts';
import { asked, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { type ComparingOptions, withComparing } from './diff.ts';
import { snapshotOf } from './encoded-snapshot.ts';
import { withExamples } from './examples.ts';
import { folderSettings, withIngressOptions } from './ingress-options.ts';
import { rendered } from './output.ts';
import { planText } from './plan-text.ts';

/** What `sluice plan -o json` prints. */
interface PlanAnswer {
  /** By name. */
  readonly groups: readonly GroupPlan[];
  /** Of the folders that are planned. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Both sides of a plan, by group. */
interface Sides {
  readonly before: ReadonlyMap<string, Side>;
  readonly after: ReadonlyMap<string, Side>;
  readonly diagnostics: readonly Diagnostic[];
  readonly settings: Settings;
}

/** `sluice plan DIR`: what would change if a server had these objects. */
export function addPlan(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .summary('show what folders of objects would change, and what that means')
    .description(
      'what would change against a running server, or against other folders (-c): routes, weights, clusters, listeners, and what that means: connections drained, users moved, clusters that have to get warm, steps; exit status 1 where the folders have an error',
    )
    .argument('<dir...>', 'all folders or files of objects that the server would read')
    .option('-g, --group <group>', 'only this group');
  withExamples(withIngressOptions(withAsking(withComparing(command), { offline: true })), [
    ['sluice plan deploy/', 'before it is given to the server'],
    ['sluice plan deploy/ -c main/deploy/ --exit-code', 'a branch against another, without a server, for CI'],
    ['sluice plan deploy/ --raw', 'as Envoy sees it'],
  ]).action(async (folders: readonly string[], options: ComparingOptions) => {
    const { before, after, diagnostics, settings } = await sidesOf(folders, options, context);
    const names = [...new Set([...before.keys(), ...after.keys()])].sort().filter((name) => options.group === undefined || name === options.group);
    const groups = names.map((name) => atOnce(groupPlan(name, before.get(name) ?? {}, after.get(name) ?? {}, settings.release.fusePercent)));
    const answer: PlanAnswer = { groups, diagnostics };
    for (const diagnostic of diagnostics) context.terminal.complain(diagnosticLine(context.terminal, diagnostic));
    if (options.raw) {
      const { rawDiff } = await import('./raw-diff.ts');
      context.terminal.print(
        names
          .map((name) => rawDiff(before.get(name)?.snapshot, after.get(name)?.snapshot))
          .join('')
          .trimEnd(),
      );
    } else context.terminal.print(rendered(options.output, answer, () => groups.map((one) => planText(context.terminal, one)).join('\n\n') || 'no group'));
    const differs = options.exitCode && groups.some(({ change }) => change !== 'none');
    context.status = differs || diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
  });
}

async function sidesOf(folders: readonly string[], options: ComparingOptions, context: CommandContext): Promise<Sides> {
  const given = folderSettings(options, context);
  const { buildFolders, sidesOfBuild } = await import('./folder-build.ts');
  if (options.config !== undefined) {
    const next = buildFolders(folders, given, context.clock);
    const before = sidesOfBuild(buildFolders(options.config, given, context.clock).built);
    return { before, after: sidesOfBuild(next.built), diagnostics: next.diagnostics, settings: given };
  }
  const api = await asked(options, context);
  const [{ settings: served, sources }, { groups }] = await Promise.all([api.get<ConfigAnswer>('config'), api.get<StatusAnswer>('status')]);
  const settings = { ...served, ingress: { ...served.ingress, ...given.ingress } };
  if (sources.length > folders.length) {
    context.terminal.complain(`the server reads ${sources.join(', ')}: what is not in ${folders.join(', ')} counts as removed`);
  }
  const answers = await Promise.all(groups.map(({ name }) => api.get<EncodedSnapshotAnswer>('snapshot/encoded', { group: name })));
  const before = new Map(answers.map((one): [string, Side] => [one.group, { snapshot: snapshotOf(one), young: youngOf(one) }]));
  // Groups of gRPC clients are made for those who ask; what Envoy would refuse keeps its last good form, as in the server.
  const next = buildFolders(folders, settings, context.clock, { asked: before.keys(), served: (group) => before.get(group)?.snapshot });
  return { before, after: sidesOfBuild(next.built), diagnostics: next.diagnostics, settings };
}

function youngOf({ young }: EncodedSnapshotAnswer): ReadonlyMap<string, readonly YoungEndpoint[]> {
  return new Map(young.map(({ cluster, endpoints }) => [cluster, endpoints]));
}
