import { type Command, Option } from 'commander';
import type { SnapshotAnswer } from '../admin/api/snapshot.ts';
import { type AskingOptions, asked, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';

/** `sluice snapshot`: the whole of what one group is served. */
export function addSnapshot(program: Command, context: CommandContext): void {
  const command = program
    .command('snapshot')
    .summary('show the whole of what a group is served')
    .description('the whole of what a group is served, as Envoy JSON or YAML; values of secrets are left out')
    .option('-g, --group <group>', 'group of Envoys (default: "default", or the only one)')
    .addOption(new Option('--node <id>', 'the group of this Envoy').conflicts('group'));
  withExamples(withAsking(withOutput(command, ['yaml', 'json']), { offline: true }), [
    ['sluice snapshot', 'what the group "default" is served'],
    ['sluice snapshot --node envoy-1 -o json', 'what one Envoy is served'],
    ['sluice snapshot -c examples/quickstart -g default', 'what a folder would give, without a server'],
  ]).action(async ({ output, group, node, ...asking }: AskingOptions & { readonly output: OutputFormat; readonly group?: string; readonly node?: string }) => {
    const answer = await (await asked(asking, context)).get<SnapshotAnswer>('snapshot', { group, node });
    context.terminal.print(rendered(output, answer, () => ''));
  });
}
