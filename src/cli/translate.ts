import type { Command } from 'commander';
import type { DiagnosticsAnswer } from '../admin/api/diagnostics.ts';
import type { SnapshotAnswer } from '../admin/api/snapshot.ts';
import type { StatusAnswer } from '../admin/api/status.ts';
import type { GivenKubernetes } from '../config/kubernetes-options.ts';
import { asked } from './asking.ts';
import { clusterOf, withClusterOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { diagnosticLine } from './diagnostic-lines.ts';
import { withExamples } from './examples.ts';
import { folderSettings, withIngressOptions } from './ingress-options.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';

/** `sluice translate DIR`: the Envoy resources of every group, offline. */
export function addTranslate(program: Command, context: CommandContext): void {
  const command = program
    .command('translate')
    .summary('print the Envoy resources that folders or a cluster give')
    .description('the Envoy resources that folders or a cluster give, a list with one entry for each group; needs no server')
    .argument('[dir...]', 'folders or files of objects')
    .option('-g, --group <group>', 'only this group');
  withExamples(withClusterOptions(withIngressOptions(withOutput(command, ['yaml', 'json']))), [
    ['sluice translate examples/quickstart', 'all groups, as YAML'],
    ['sluice translate --kubernetes --namespace shop', 'a namespace of a cluster'],
    ['sluice translate . -g default -o json', 'one group, as JSON'],
  ]).action(async (config: readonly string[], { output, group, ...given }: GivenKubernetes & { readonly output: OutputFormat; readonly group?: string }) => {
    const cluster = clusterOf(given, context);
    if (config.length === 0 && !cluster)
      throw new CommandError('there is nothing to read', { remedy: 'Name a folder or a file of YAML objects, or give --kubernetes.' });
    const api = await asked({ config, cluster, settings: folderSettings(given, context, cluster) }, context);
    const { diagnostics, counts } = await api.get<DiagnosticsAnswer>('diagnostics');
    for (const diagnostic of diagnostics) context.terminal.complain(diagnosticLine(context.terminal, diagnostic));
    const groups = group === undefined ? (await api.get<StatusAnswer>('status')).groups.map(({ name }) => name) : [group];
    const answers = await Promise.all(groups.map((name) => api.get<SnapshotAnswer>('snapshot', { group: name })));
    context.terminal.print(rendered(output, answers, () => ''));
    context.status = counts.error > 0 ? 1 : 0;
  });
}
