import type { Command } from 'commander';
import type { DiagnosticsAnswer } from '../admin/api/diagnostics.ts';
import type { StatusAnswer } from '../admin/api/status.ts';
import type { GivenKubernetes } from '../config/kubernetes-options.ts';
import { type AskingOptions, withAsking } from './asking.ts';
import { clusterOf, withClusterOptions } from './cluster-options.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';
import { countsLine, diagnosticLine } from './diagnostic-lines.ts';
import { withExamples } from './examples.ts';
import { folderSettings, withIngressOptions } from './ingress-options.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { show, withWatch } from './watch.ts';

/** `sluice lint DIR`: diagnostics only, for CI; without a folder those of a running server. */
export function addLint(program: Command, context: CommandContext): void {
  const command = program
    .command('lint')
    .summary('list what is wrong with objects, for CI')
    .description('what is wrong with the objects of folders, or with those of a running server; exit status 1 where there is an error')
    .argument('[dir...]', 'folders or files of objects (default: what the server reads)')
    .option('--strict', 'exit status 1 for warnings as well');
  withExamples(withClusterOptions(withIngressOptions(withAsking(withWatch(withOutput(command)), { offline: false }))), [
    ['sluice lint deploy/', 'before a commit or in CI'],
    ['sluice lint --strict -o json deploy/', 'warnings count too; for a script'],
    ['sluice lint --watch deploy/', 'while you write'],
    ['sluice lint --kubernetes', 'the objects of a cluster, read once, without a server'],
    ['sluice lint', 'what a running server complains about'],
  ]).action(
    async (
      folders: readonly string[],
      {
        output,
        strict = false,
        watch = false,
        ...asking
      }: AskingOptions & GivenKubernetes & { readonly output: OutputFormat; readonly strict?: boolean; readonly watch?: boolean },
    ) => {
      const cluster = clusterOf(asking, context);
      if (cluster && watch) throw new CommandError('a cluster is read once', { remedy: 'Leave out --watch, or ask a server that follows the cluster.' });
      await show(
        context,
        folders.length === 0 && !cluster ? asking : { config: folders, cluster, settings: folderSettings(asking, context, cluster) },
        { watch, events: ['server'] },
        async (api) => {
          const answer = await api.get<DiagnosticsAnswer>('diagnostics');
          const { diagnostics, counts } = answer;
          context.status = counts.error > 0 || (strict && counts.warning > 0) ? 1 : 0;
          // Of a misspelt path, or files that are made later: nothing is wrong, and nothing is there.
          const isEmpty = diagnostics.length === 0 && (await api.get<StatusAnswer>('status')).sources.every(({ objects }) => objects === 0);
          if (isEmpty) return rendered(output, answer, () => 'no problems, as there are no objects', watch);
          const text = () => [...diagnostics.map((one) => diagnosticLine(context.terminal, one)), countsLine(counts)].join('\n');
          return rendered(output, answer, text, watch);
        },
      );
    },
  );
}
