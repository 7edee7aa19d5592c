import type { Command } from 'commander';
import type { Diagnostic } from '../diagnostic.ts';
import { type GroupPlan, groupPlan } from '../revision/plan.ts';
import { done } from '../work.ts';
import { withAsking } from './asking.ts';
import { withClusterOptions } from './cluster-options.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { withComparing } from './diff.ts';
import { withExamples } from './examples.ts';
import { withIngressOptions } from './ingress-options.ts';
import { rendered } from './output.ts';
import type { PlanOptions } from './plan-sides.ts';
import { planText } from './plan-text.ts';

/** What `sluice plan -o json` prints. */
interface PlanAnswer {
  /** By name. */
  readonly groups: readonly GroupPlan[];
  /** Of the folders that are planned, and those that they lead to elsewhere in a cluster. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `sluice plan DIR`: what would change if a server had these objects. */
export function addPlan(program: Command, context: CommandContext): void {
  const command = program
    .command('plan')
    .summary('show what folders of objects would change, and what that means')
    .description(
      'what would change against a running server, against other folders (-c), or in a cluster if the objects were applied (--kubernetes): routes, weights, clusters, listeners, and what that means: connections drained, users moved, clusters that have to get warm, steps; exit status 1 where the folders have an error',
    )
    .argument('<dir...>', 'all folders or files of objects that the server would read; with --kubernetes only what would be applied')
    .option('-g, --group <group>', 'only this group');
  withExamples(withClusterOptions(withIngressOptions(withAsking(withComparing(command), { offline: true }))), [
    ['sluice plan deploy/', 'before it is given to the server'],
    ['sluice plan deploy/ -c main/deploy/ --exit-code', 'a branch against another, without a server, for CI'],
    ['sluice plan new.yaml --kubernetes', 'before `kubectl apply -f new.yaml`, to the cluster as it is'],
    ['sluice plan deploy/ --raw', 'as Envoy sees it'],
  ]).action(async (folders: readonly string[], options: PlanOptions) => {
    const { planSides } = await import('./plan-sides.ts');
    const { before, after, diagnostics, settings } = await planSides(folders, options, context);
    const names = [...new Set([...before.keys(), ...after.keys()])].sort().filter((name) => options.group === undefined || name === options.group);
    const groups = names.map((name) => done(groupPlan(name, before.get(name) ?? {}, after.get(name) ?? {}, settings.release.fusePercent)));
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
