import type { Command } from 'commander';
import type { HistoryAnswer } from '../admin/api/history.ts';
import { type AskingOptions, withAsking } from './asking.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './examples.ts';
import { historyText } from './history-text.ts';
import { type OutputFormat, rendered, withOutput } from './output.ts';
import { show, withWatch } from './watch.ts';

/** `sluice history`: the revisions of a group. */
export function addHistory(program: Command, context: CommandContext): void {
  const command = program
    .command('history')
    .summary('list the revisions of a group and what led to them')
    .description('the revisions of a group that are kept, newest first: when each was built, and the objects whose change led to it')
    .option('-g, --group <group>', 'group of Envoys, also one that is gone (default: "default", or the only one)');
  withExamples(withAsking(withWatch(withOutput(command)), { offline: false }), [
    ['sluice history', 'what happened to the group "default"'],
    ['sluice history -g edge --watch', 'as it happens'],
    ["sluice history -o json | jq '.revisions[0].cause'", 'what changed last, for a script'],
  ]).action(
    async ({
      output,
      watch = false,
      group,
      ...asking
    }: AskingOptions & { readonly output: OutputFormat; readonly watch?: boolean; readonly group?: string }) => {
      await show(context, asking, { watch, events: ['groups'] }, async (api) => {
        const answer = await api.get<HistoryAnswer>('history', { group });
        return rendered(output, answer, () => historyText(context.terminal, answer, context.clock.now()), watch);
      });
    },
  );
}
